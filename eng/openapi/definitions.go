// SPDX-License-Identifier: Apache-2.0

// Definitions reduces the Go types of k8s.io/api and k8s.io/apimachinery to the OpenAPI schemas of the kinds that
// Sealock serves, by the rules of kube-openapi's generator: the comments become descriptions, the struct tags and the
// +markers become the schema's properties. Field order is Go's. A field's number in the protobuf form of its kind is
// x-go-protobuf: 3, or 2.6 for field 6 of the embedded message 2. See update.sh.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"sort"
	"strconv"
	"strings"
)

const (
	metaPackage     = "k8s.io/apimachinery/pkg/apis/meta/v1"
	runtimePackage  = "k8s.io/apimachinery/pkg/runtime"
	quantityPackage = "k8s.io/apimachinery/pkg/api/resource"
	intstrPackage   = "k8s.io/apimachinery/pkg/util/intstr"
)

// The kinds served; everything they reach comes along.
var roots = map[string]string{
	"k8s.io/api/core/v1": "Namespace NamespaceList Secret SecretList ConfigMap ConfigMapList " +
		"ServiceAccount ServiceAccountList Service ServiceList Endpoints EndpointsList " +
		"Node NodeList Pod PodList Event EventList",
	"k8s.io/api/certificates/v1": "CertificateSigningRequest CertificateSigningRequestList " +
		"ClusterTrustBundle ClusterTrustBundleList",
	"k8s.io/api/certificates/v1beta1": "ClusterTrustBundle ClusterTrustBundleList",
	"k8s.io/api/rbac/v1": "Role RoleList RoleBinding RoleBindingList ClusterRole ClusterRoleList " +
		"ClusterRoleBinding ClusterRoleBindingList",
	"k8s.io/api/authorization/v1": "SubjectAccessReview SelfSubjectAccessReview LocalSubjectAccessReview " +
		"SelfSubjectRulesReview",
	"k8s.io/api/authentication/v1": "TokenReview SelfSubjectReview TokenRequest",
	"k8s.io/api/coordination/v1":   "Lease LeaseList",
	"k8s.io/api/networking/v1":     "Ingress IngressList IngressClass IngressClassList",
	"k8s.io/api/discovery/v1":      "EndpointSlice EndpointSliceList",
	metaPackage: "Status DeleteOptions ObjectMeta ListMeta APIResourceList APIGroup APIGroupList APIVersions " +
		"WatchEvent Patch",
}

// Types that became stable, unchanged, after the version read: where the package lacks them, their older twin stands in.
var twins = map[string]string{"k8s.io/api/certificates/v1": "k8s.io/api/certificates/v1beta1"}

var source = flag.String("source", "", "folder that contains k8s.io/")
var version = flag.String("version", "", "the Kubernetes version the sources belong to")

type field struct {
	key   string
	value any
}

// object is a JSON object that keeps the order of its fields.
type object []field

func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, f := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(plain(f.key))
		b.WriteByte(':')
		b.Write(plain(f.value))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func plain(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSpace(b.Bytes())
}

func (o *object) add(key string, value any) { *o = append(*o, field{key, value}) }

type goType struct {
	spec    *ast.TypeSpec
	doc     *ast.CommentGroup
	imports map[string]string
	pkg     *goPackage
}

type goPackage struct {
	path   string
	name   string
	group  string
	types  map[string]*goType
	consts map[string][]constant
	values map[string]string
}

type constant struct {
	value string
	doc   *ast.CommentGroup
}

var packages = map[string]*goPackage{}

func load(importPath string) *goPackage {
	if p, ok := packages[importPath]; ok {
		return p
	}
	p := &goPackage{path: importPath, types: map[string]*goType{}, consts: map[string][]constant{}, values: map[string]string{}}
	packages[importPath] = p
	parsed, err := parser.ParseDir(token.NewFileSet(), filepath.Join(*source, importPath), func(i os.FileInfo) bool {
		return !strings.HasSuffix(i.Name(), "_test.go") && !strings.HasPrefix(i.Name(), "zz_") && !strings.HasPrefix(i.Name(), "generated")
	}, parser.ParseComments)
	if err != nil {
		panic(err)
	}
	for name, files := range parsed {
		p.name = name
		for _, f := range files.Files {
			p.read(f)
		}
	}
	return p
}

func (p *goPackage) read(f *ast.File) {
	imports := map[string]string{}
	for _, i := range f.Imports {
		target, _ := strconv.Unquote(i.Path.Value)
		name := path.Base(target)
		if i.Name != nil {
			name = i.Name.Name
		}
		imports[name] = target
	}
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, s := range g.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				doc := s.Doc
				if doc == nil {
					doc = g.Doc
				}
				p.types[s.Name.Name] = &goType{s, doc, imports, p}
			case *ast.ValueSpec:
				for i, n := range s.Names {
					if i >= len(s.Values) {
						continue
					}
					literal, ok := s.Values[i].(*ast.BasicLit)
					if !ok || literal.Kind != token.STRING {
						continue
					}
					value, _ := strconv.Unquote(literal.Value)
					p.values[n.Name] = value
					// meta/v1 names a group of its own, but its kinds are published in the core group.
					if n.Name == "GroupName" && p.path != metaPackage {
						p.group = value
					}
					if t, ok := s.Type.(*ast.Ident); ok {
						doc := s.Doc
						p.consts[t.Name] = append(p.consts[t.Name], constant{value, doc})
					}
				}
			}
		}
	}
}

func lines(g *ast.CommentGroup) []string {
	var all []string
	if g == nil {
		return nil
	}
	for _, c := range g.List {
		if strings.HasPrefix(c.Text, "//") {
			all = append(all, strings.TrimPrefix(strings.TrimPrefix(c.Text, "//"), " "))
		} else {
			text := strings.TrimSuffix(strings.TrimPrefix(c.Text, "/*"), "*/")
			all = append(all, strings.Split(strings.Trim(text, "\n"), "\n")...)
		}
	}
	return all
}

// describe follows kube-openapi: paragraphs stay, markers and everything after --- go, indented lines keep their break.
func describe(g *ast.CommentGroup) string {
	var b bytes.Buffer
	drop := func() {
		if b.Len() > 0 {
			b.Truncate(b.Len() - 1)
		}
	}
	for _, line := range lines(g) {
		if line == "---" {
			break
		}
		line = strings.TrimRight(line, " ")
		leading := strings.TrimLeft(line, " ")
		switch {
		case len(line) == 0:
			drop()
			b.WriteString("\n\n")
		case strings.HasPrefix(leading, "TODO"), strings.HasPrefix(leading, "+"):
		case strings.HasPrefix(line, " "), strings.HasPrefix(line, "\t"):
			drop()
			b.WriteString("\n" + line + "\n")
		default:
			b.WriteString(line + " ")
		}
	}
	text := strings.TrimSpace(b.String())
	for strings.Contains(text, "\n\n\n") {
		text = strings.ReplaceAll(text, "\n\n\n", "\n\n")
	}
	return text
}

func markers(g *ast.CommentGroup) map[string][]string {
	found := map[string][]string{}
	for _, line := range lines(g) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "+") {
			key, value, _ := strings.Cut(line[1:], "=")
			found[key] = append(found[key], value)
		}
	}
	return found
}

func definitionName(importPath, name string) string {
	parts := strings.Split(importPath, "/")
	return "io.k8s." + strings.Join(parts[1:], ".") + "." + name
}

var definitions = map[string]any{}

func define(importPath, name string) string {
	key := definitionName(importPath, name)
	if _, ok := definitions[key]; ok {
		return key
	}
	definitions[key] = nil
	p := load(importPath)
	t, ok := p.types[name]
	if !ok {
		twin, ok := load(twins[importPath]).types[name]
		if !ok {
			panic("no type " + key)
		}
		t = &goType{twin.spec, twin.doc, twin.imports, p}
	}
	var d object
	if text := describe(t.doc); text != "" {
		d.add("description", text)
	}
	switch {
	case importPath == metaPackage && (name == "Time" || name == "MicroTime"):
		d.add("type", "string")
		d.add("format", "date-time")
	case importPath == metaPackage && name == "Duration", importPath == quantityPackage && name == "Quantity":
		d.add("type", "string")
	case importPath == intstrPackage && name == "IntOrString":
		d.add("type", "string")
		d.add("format", "int-or-string")
	case importPath == metaPackage && (name == "FieldsV1" || name == "Patch"), importPath == runtimePackage && name == "RawExtension":
		d.add("type", "object")
	default:
		d.add("type", "object")
		s := t.spec.Type.(*ast.StructType)
		properties, required, kind := t.fields(s, "", true)
		if len(required) > 0 {
			d.add("required", required)
		}
		if len(properties) > 0 {
			d.add("properties", properties)
		}
		m := markers(t.doc)
		if v, ok := m["structType"]; ok {
			d.add("x-kubernetes-map-type", v[0])
		} else if v, ok := m["mapType"]; ok {
			d.add("x-kubernetes-map-type", v[0])
		}
		if kind || (importPath == metaPackage && name == "WatchEvent") {
			d.add("x-kubernetes-group-version-kind", []any{object{
				{"group", p.group}, {"kind", name}, {"version", path.Base(importPath)}}})
		}
	}
	definitions[key] = d
	return key
}

// fields returns the properties, the required names and whether the type is a kind (embeds TypeMeta). Embedded fields
// have numbers below prefix if their struct is a message (numbered); TypeMeta is none.
func (t *goType) fields(s *ast.StructType, prefix string, numbered bool) (object, []string, bool) {
	var properties object
	var required []string
	kind := false
	for _, f := range s.Fields.List {
		var tag reflect.StructTag
		if f.Tag != nil {
			text, _ := strconv.Unquote(f.Tag.Value)
			tag = reflect.StructTag(text)
		}
		name, options, _ := strings.Cut(tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		if len(f.Names) == 0 && name == "" {
			embedded, embeddedName := t.resolve(f.Type)
			if embedded.path == metaPackage && embeddedName == "TypeMeta" {
				kind = true
			}
			e := embedded.types[embeddedName]
			inner, isMessage := number(tag)
			p, r, _ := e.fields(e.spec.Type.(*ast.StructType), prefix+inner+".", numbered && isMessage)
			properties = append(properties, p...)
			required = append(required, r...)
			continue
		}
		if name == "" {
			continue
		}
		m := markers(f.Doc)
		_, optional := m["optional"]
		if !optional && !strings.Contains(options, "omitempty") {
			required = append(required, name)
		}
		var schema object
		description := describe(f.Doc)
		shape, actual := t.shape(f.Type)
		if actual == derived(shape) {
			actual = ""
		}
		if e := t.enum(f.Type); len(e.values) > 0 {
			description = strings.TrimSpace(description + "\n\nPossible enum values:\n" + strings.Join(e.texts, "\n"))
			shape.add("enum", e.values)
		}
		if description != "" {
			schema.add("description", description)
		}
		schema = append(schema, shape...)
		if v, ok := m["default"]; ok {
			schema.add("default", t.value(v[0]))
		}
		if v, ok := m["listType"]; ok {
			schema.add("x-kubernetes-list-type", v[0])
		}
		if v, ok := m["listMapKey"]; ok {
			schema.add("x-kubernetes-list-map-keys", v)
		}
		if v, ok := m["mapType"]; ok {
			schema.add("x-kubernetes-map-type", v[0])
		}
		if v, ok := m["structType"]; ok {
			schema.add("x-kubernetes-map-type", v[0])
		}
		if v := tag.Get("patchStrategy"); v != "" {
			schema.add("x-kubernetes-patch-strategy", v)
		}
		if v := tag.Get("patchMergeKey"); v != "" {
			schema.add("x-kubernetes-patch-merge-key", v)
		}
		if actual != "" {
			schema.add("x-go-type", actual)
		}
		if strings.Contains(options, "omitempty") && t.vanishes(f.Type) {
			schema.add("x-go-omitempty", true)
		}
		if n, ok := number(tag); ok && numbered {
			if t.wrapped(f.Type) {
				n += ".1"
			}
			schema.add("x-go-protobuf", prefix+n)
		}
		properties.add(name, schema)
	}
	return properties, required, kind
}

// number is the field number in a struct tag such as protobuf:"bytes,2,opt,name=volumeSource".
func number(tag reflect.StructTag) (string, bool) {
	parts := strings.Split(tag.Get("protobuf"), ",")
	if len(parts) < 2 {
		return "", false
	}
	return parts[1], true
}

// wrapped tells whether the field is a list with a name of its own, which is a message with the list as its field 1.
func (t *goType) wrapped(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		if _, ok := scalars[e.Name]; ok {
			return false
		}
	case *ast.SelectorExpr:
	default:
		return false
	}
	p, name := t.resolve(e)
	list, ok := p.types[name].spec.Type.(*ast.ArrayType)
	if !ok {
		return false
	}
	item, ok := list.Elt.(*ast.Ident)
	return !ok || item.Name != "byte"
}

func (t *goType) value(text string) any {
	if strings.HasPrefix(text, "ref(") {
		name := strings.TrimSuffix(text[4:], ")")
		if v, ok := t.pkg.values[name]; ok {
			return v
		}
		panic("no constant " + name)
	}
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		panic(err)
	}
	return v
}

func (t *goType) resolve(e ast.Expr) (*goPackage, string) {
	switch e := e.(type) {
	case *ast.StarExpr:
		return t.resolve(e.X)
	case *ast.Ident:
		home := t.pkg
		if _, ok := home.types[e.Name]; !ok && twins[home.path] != "" {
			home = load(twins[home.path])
		}
		return home, e.Name
	case *ast.SelectorExpr:
		return load(t.imports[e.X.(*ast.Ident).Name]), e.Sel.Name
	}
	panic(fmt.Sprintf("%T", e))
}

var scalars = map[string]object{
	"string":  {{"type", "string"}},
	"bool":    {{"type", "boolean"}},
	"int":     {{"type", "integer"}, {"format", "int32"}},
	"int32":   {{"type", "integer"}, {"format", "int32"}},
	"int64":   {{"type", "integer"}, {"format", "int64"}},
	"uint64":  {{"type", "integer"}, {"format", "int64"}},
	"float64": {{"type", "number"}, {"format", "double"}},
}

// shape returns a type's schema and its name as Go's reflection prints it (without leading pointers).
func (t *goType) shape(e ast.Expr) (object, string) {
	switch e := e.(type) {
	case *ast.StarExpr:
		return t.shape(e.X)
	case *ast.InterfaceType:
		return object{{"type", "object"}}, "interface {}"
	case *ast.ArrayType:
		if i, ok := e.Elt.(*ast.Ident); ok && i.Name == "byte" {
			return object{{"type", "string"}, {"format", "byte"}}, "[]uint8"
		}
		items, name := t.shape(e.Elt)
		return object{{"type", "array"}, {"items", items}}, "[]" + star(e.Elt) + name
	case *ast.MapType:
		_, key := t.shape(e.Key)
		values, name := t.shape(e.Value)
		return object{{"type", "object"}, {"additionalProperties", values}}, "map[" + key + "]" + star(e.Value) + name
	case *ast.Ident:
		if s, ok := scalars[e.Name]; ok {
			return append(object{}, s...), e.Name
		}
	}
	p, name := t.resolve(e)
	named, ok := p.types[name]
	if !ok {
		panic("no type " + p.path + "." + name)
	}
	if _, ok := named.spec.Type.(*ast.StructType); ok {
		home := p.path
		if _, ok := e.(*ast.Ident); ok {
			home = t.pkg.path
		}
		return object{{"$ref", "#/definitions/" + define(home, name)}}, path.Base(home) + "." + name
	}
	shape, _ := named.shape(named.spec.Type)
	return shape, path.Base(p.path) + "." + name
}

// vanishes tells whether encoding/json leaves out an empty value of the type: neither pointers nor structs are empty.
func (t *goType) vanishes(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.StarExpr, *ast.InterfaceType:
		return false
	case *ast.ArrayType, *ast.MapType:
		return true
	case *ast.Ident:
		if _, ok := scalars[e.Name]; ok {
			return true
		}
	}
	p, name := t.resolve(e)
	if _, ok := p.types[name].spec.Type.(*ast.StructType); ok {
		return false
	}
	return p.types[name].vanishes(p.types[name].spec.Type)
}

func star(e ast.Expr) string {
	if _, ok := e.(*ast.StarExpr); ok {
		return "*"
	}
	return ""
}

// derived is the Go type that a reader of the schema would assume; x-go-type is written where it is another.
func derived(shape object) string {
	get := func(key string) any {
		for _, f := range shape {
			if f.key == key {
				return f.value
			}
		}
		return nil
	}
	if r := get("$ref"); r != nil {
		parts := strings.Split(r.(string), ".")
		return strings.Join(parts[len(parts)-2:], ".")
	}
	switch get("type") {
	case "string":
		if get("format") == "byte" {
			return "[]uint8"
		}
		return "string"
	case "boolean":
		return "bool"
	case "integer":
		return get("format").(string)
	case "number":
		return "float64"
	case "array":
		return "[]" + derived(get("items").(object))
	}
	if v := get("additionalProperties"); v != nil {
		return "map[string]" + derived(v.(object))
	}
	return "interface {}"
}

type enumeration struct {
	values []string
	texts  []string
}

func (t *goType) enum(e ast.Expr) enumeration {
	var found enumeration
	switch x := e.(type) {
	case *ast.StarExpr:
		return t.enum(x.X)
	case *ast.Ident:
		if _, ok := scalars[x.Name]; ok {
			return found
		}
	case *ast.SelectorExpr:
	default:
		return found
	}
	p, name := t.resolve(e)
	named := p.types[name]
	if _, ok := markers(named.doc)["enum"]; !ok {
		return found
	}
	all := append([]constant{}, p.consts[name]...)
	sort.Slice(all, func(i, j int) bool { return all[i].value < all[j].value })
	for i, c := range all {
		if i > 0 && all[i-1].value == c.value {
			continue
		}
		found.values = append(found.values, c.value)
		text := fmt.Sprintf(" - `%q`", c.value)
		if d := describe(c.doc); d != "" {
			text += " " + strings.Join(strings.Fields(d), " ")
		}
		found.texts = append(found.texts, text)
	}
	return found
}

func main() {
	flag.Parse()
	for importPath, names := range roots {
		for _, name := range strings.Fields(names) {
			define(importPath, name)
		}
	}
	names := make([]string, 0, len(definitions))
	for name := range definitions {
		names = append(names, name)
	}
	sort.Strings(names)
	// One definition a line: an upgrade is then readable as a diff.
	fmt.Printf("{\"version\":%q,\"definitions\":{\n", *version)
	for i, name := range names {
		separator := ","
		if i == len(names)-1 {
			separator = ""
		}
		fmt.Printf("%s:%s%s\n", plain(name), plain(definitions[name]), separator)
	}
	fmt.Println("}}")
}
