// Package manifests is k3s's deploy controller: what lies in server/manifests is applied to the cluster.
package manifests

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"

	"keel.invalid/lookalike/logline"
)

// Interval between two looks at the directory; k3s takes 15 s.
const interval = 2 * time.Second

// Watch applies each *.yaml, *.yml and *.json of a directory when its content is new, by server-side apply under k3s's own
// name for the manager, `deploy@<node>`. A file that goes away takes nothing with it, as in k3s. It returns when ctx ends.
func Watch(ctx context.Context, dir string, settings *rest.Config, node string) error {
	objects, err := dynamic.NewForConfig(settings)
	if err != nil {
		return err
	}
	kinds, err := discovery.NewDiscoveryClientForConfig(settings)
	if err != nil {
		return err
	}
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(kinds))
	applied := map[string][]byte{}
	for ctx.Err() == nil {
		for _, path := range files(dir) {
			content, err := os.ReadFile(path)
			if err != nil || bytes.Equal(applied[path], content) {
				continue
			}
			if err := apply(ctx, objects, mapper, content, "deploy@"+node); err != nil {
				mapper.Reset() // a kind may have been defined meanwhile; the file is tried again
				logline.Error("Failed to process config: failed to process %s: %v", path, err)
				continue
			}
			applied[path] = content
			logline.Info("Applied manifest %s", path)
		}
		select {
		case <-ctx.Done():
		case <-time.After(interval):
		}
	}
	return nil
}

func files(dir string) []string {
	var out []string
	_ = filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() && slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(path)) {
			if _, skip := os.Stat(path + ".skip"); os.IsNotExist(skip) { // k3s's way to switch one off
				out = append(out, path)
			}
		}
		return nil
	})
	return out
}

// Decode reads the documents of a file; a List becomes its items.
func Decode(content []byte) ([]*unstructured.Unstructured, error) {
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(content), 4096)
	var out []*unstructured.Unstructured
	for {
		var object unstructured.Unstructured
		if err := decoder.Decode(&object); errors.Is(err, io.EOF) {
			return out, nil
		} else if err != nil {
			return nil, err
		}
		switch {
		case len(object.Object) == 0: // an empty document
		case object.IsList():
			list, err := object.ToList()
			if err != nil {
				return nil, err
			}
			for i := range list.Items {
				out = append(out, &list.Items[i])
			}
		default:
			out = append(out, &object)
		}
	}
}

func apply(ctx context.Context, objects dynamic.Interface, mapper meta.RESTMapper, content []byte, manager string) error {
	list, err := Decode(content)
	if err != nil {
		return err
	}
	var all error
	for _, object := range list {
		kind := object.GroupVersionKind()
		mapping, err := mapper.RESTMapping(kind.GroupKind(), kind.Version)
		if err != nil {
			all = errors.Join(all, err)
			continue
		}
		var to dynamic.ResourceInterface = objects.Resource(mapping.Resource)
		if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
			namespace := object.GetNamespace()
			if namespace == "" {
				namespace = metav1.NamespaceDefault
			}
			to = objects.Resource(mapping.Resource).Namespace(namespace)
		}
		if _, err := to.Apply(ctx, object.GetName(), object, metav1.ApplyOptions{FieldManager: manager, Force: true}); err != nil {
			all = errors.Join(all, fmt.Errorf("%s %s: %w", kind.Kind, object.GetName(), err))
		}
	}
	return all
}
