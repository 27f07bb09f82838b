/** Where flannel, other networks for Pods and the image of Kubernetes put CNI plugins. */
export const cniPluginFolder = '/opt/cni/bin'
