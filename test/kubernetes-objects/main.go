// Reads Kubernetes objects as YAML on stdin, as an API server does: strictly, with its defaults and its checks.
// Prints every fault, and exits with 1 if there is one.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/apps"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	appsvalidation "k8s.io/kubernetes/pkg/apis/apps/validation"
	"k8s.io/kubernetes/pkg/apis/core"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	corevalidation "k8s.io/kubernetes/pkg/apis/core/validation"
	"k8s.io/kubernetes/pkg/apis/rbac"
	_ "k8s.io/kubernetes/pkg/apis/rbac/install"
	rbacvalidation "k8s.io/kubernetes/pkg/apis/rbac/validation"
)

func main() {
	if err := check(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func check(input io.Reader) error {
	decoder := serializer.NewCodecFactory(legacyscheme.Scheme, serializer.EnableStrict).UniversalDecoder(
		apps.SchemeGroupVersion, core.SchemeGroupVersion, rbac.SchemeGroupVersion)
	documents := yaml.NewYAMLReader(bufio.NewReader(input))
	var faults []error
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return errors.Join(faults...)
		}
		if err != nil {
			return err
		}
		object, kind, err := decoder.Decode(document, nil, nil)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		for _, fault := range faultsOf(object) {
			faults = append(faults, fmt.Errorf("%s: %w", kind.Kind, fault))
		}
	}
}

func faultsOf(object runtime.Object) field.ErrorList {
	switch one := object.(type) {
	case *core.Namespace:
		return corevalidation.ValidateNamespace(one)
	case *core.ServiceAccount:
		return corevalidation.ValidateServiceAccount(one)
	case *core.ConfigMap:
		return corevalidation.ValidateConfigMap(one)
	case *rbac.ClusterRole:
		return rbacvalidation.ValidateClusterRole(one, rbacvalidation.ClusterRoleValidationOptions{})
	case *rbac.ClusterRoleBinding:
		return rbacvalidation.ValidateClusterRoleBinding(one)
	case *apps.DaemonSet:
		return appsvalidation.ValidateDaemonSet(one, corevalidation.PodValidationOptions{})
	}
	return field.ErrorList{field.NotSupported(field.NewPath("kind"), fmt.Sprintf("%T", object), []string{})}
}
