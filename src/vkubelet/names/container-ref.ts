/** Whose unit it is. Names as Kubernetes has them: only a Pod's name can contain dots. */
export interface PodRef {
  readonly namespace: string
  readonly pod: string
}

export interface ContainerRef extends PodRef {
  readonly container: string
}
