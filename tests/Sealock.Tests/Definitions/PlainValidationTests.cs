// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Sealock.Api.Definitions.Plain;
using Sealock.Api.Objects;
using Sealock.Tests.Patching;

namespace Sealock.Tests.Definitions;

public sealed class PlainValidationTests
{
    private const string Subdomain = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    private const string Label = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
    private const string LabelName = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    [Theory] // messages as a kube-apiserver answers them
    [InlineData("secrets", """{"metadata":{"name":"Bad_Name"}}""", $"metadata.name: Invalid value: \"Bad_Name\": {Subdomain}")]
    [InlineData("secrets", """{"data":{"bad key":"","..":""}}""", "data[..]: Invalid value: \"..\": must not be '..'|data[bad key]: Invalid value: \"bad key\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')")]
    [InlineData("secrets", """{"type":"kubernetes.io/tls","data":{"tls.crt":""}}""", "data[tls.key]: Required value")]
    [InlineData("secrets", """{"type":"kubernetes.io/dockerconfigjson","data":{".dockerconfigjson":"eA=="}}""", "data[.dockerconfigjson]: Invalid value: \"<secret contents redacted>\": invalid character 'x' looking for beginning of value")]
    [InlineData("secrets", """{"type":"kubernetes.io/dockerconfigjson","data":{".dockerconfigjson":""}}""", "data[.dockerconfigjson]: Invalid value: \"<secret contents redacted>\": unexpected end of JSON input")]
    [InlineData("secrets", """{"type":"kubernetes.io/dockercfg"}""", "data[.dockercfg]: Required value")]
    [InlineData("secrets", """{"type":"kubernetes.io/basic-auth"}""", "data[%s][username]: Required value|data[%s][password]: Required value")]
    [InlineData("secrets", """{"type":"kubernetes.io/basic-auth","data":{"password":""}}""", "")]
    [InlineData("secrets", """{"type":"kubernetes.io/ssh-auth"}""", "data[%s][ssh-privatekey]: Required value")]
    [InlineData("secrets", """{"type":"kubernetes.io/service-account-token"}""", "metadata.annotations[kubernetes.io/service-account.name]: Required value")]
    [InlineData("secrets", """{"type":"bootstrap.kubernetes.io/token"}""", "")]
    [InlineData("secrets", """{"metadata":{"labels":{"a b":"x"},"annotations":{"x y":""},"finalizers":["foo","orphan"],"ownerReferences":[{"apiVersion":"apps/","kind":"","name":"","uid":""}]}}""",
        $"metadata.labels: Invalid value: \"a b\": {LabelName}|metadata.annotations: Invalid value: \"x y\": {LabelName}|metadata.ownerReferences.apiVersion: Invalid value: \"apps/\": version must not be empty|metadata.ownerReferences.kind: Invalid value: \"\": kind must not be empty|metadata.ownerReferences.name: Invalid value: \"\": name must not be empty|metadata.ownerReferences.uid: Invalid value: \"\": uid must not be empty|metadata.finalizers[0]: Invalid value: \"foo\": name is neither a standard finalizer name nor is it fully qualified")]
    [InlineData("secrets", """{"metadata":{"generateName":"a-","name":"a-b"}}""", "")]
    [InlineData("configmaps", """{"data":{"a":"1"},"binaryData":{"a":"eA=="}}""", "data[a]: Invalid value: \"a\": duplicate of key present in binaryData")]
    [InlineData("namespaces", """{"metadata":{"name":"a.b"}}""", "metadata.name: Invalid value: \"a.b\": must not contain dots")]
    [InlineData("namespaces", """{"metadata":{"namespace":"q"}}""", "metadata.namespace: Forbidden: not allowed on this type")]
    [InlineData("services", """{"metadata":{"name":"1svc"},"spec":{"ports":[{"port":80}]}}""", "metadata.name: Invalid value: \"1svc\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')")]
    [InlineData("services", """{"spec":{}}""", "spec.ports: Required value")]
    [InlineData("services", """{"spec":{"ports":[{"port":80},{"port":80,"protocol":"X"}],"type":"Foo","sessionAffinity":"Bar"}}""", "spec.ports[0].name: Required value|spec.ports[1].name: Required value|spec.ports[1].protocol: Unsupported value: \"X\": supported values: \"SCTP\", \"TCP\", \"UDP\"|spec.sessionAffinity: Unsupported value: \"Bar\": supported values: \"ClientIP\", \"None\"|spec.type: Unsupported value: \"Foo\": supported values: \"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\"")]
    [InlineData("services", """{"spec":{"type":"ExternalName"}}""", "spec.externalName: Required value")]
    [InlineData("services", """{"spec":{"ports":[{"port":99999,"targetPort":"A--"}],"clusterIP":"foo"}}""", "spec.ports[0].port: Invalid value: 99999: must be between 1 and 65535, inclusive|spec.ports[0].targetPort: Invalid value: \"A--\": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)|spec.ports[0].targetPort: Invalid value: \"A--\": must contain at least one letter (a-z)|spec.ports[0].targetPort: Invalid value: \"A--\": must not contain consecutive hyphens|spec.ports[0].targetPort: Invalid value: \"A--\": must not begin or end with a hyphen|spec.clusterIPs[0]: Invalid value: \"foo\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    [InlineData("services", """{"spec":{"ports":[{"port":80}],"externalIPs":["127.0.0.1","x","1.2.3.4"]}}""", "spec.externalIPs[0]: Invalid value: \"127.0.0.1\": may not be in the loopback range (127.0.0.0/8)|spec.externalIPs[1]: Invalid value: \"x\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    [InlineData("services", """{"spec":{"ports":[{"port":80,"nodePort":30000}]}}""", "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'")]
    [InlineData("services", """{"spec":{"clusterIP":"None"}}""", "")]
    [InlineData("services", """{"spec":{"ports":[{"port":80}],"externalTrafficPolicy":"Local"}}""", "spec.externalTrafficPolicy: Invalid value: \"Local\": may only be set for externally-accessible services")]
    [InlineData("endpoints", """{"subsets":[{}]}""", "subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`")]
    [InlineData("endpoints", """{"subsets":[{"addresses":[{"ip":"127.0.0.1"}],"ports":[{"port":0},{"port":1,"protocol":"X","name":"a"}]}]}""", "subsets[0].addresses[0].ip: Invalid value: \"127.0.0.1\": may not be in the loopback range (127.0.0.0/8)|subsets[0].ports[0].name: Required value|subsets[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive|subsets[0].ports[1].protocol: Unsupported value: \"X\": supported values: \"SCTP\", \"TCP\", \"UDP\"")]
    [InlineData("endpointslices", """{"addressType":"Foo","endpoints":[{"addresses":[]}]}""", "addressType: Unsupported value: \"Foo\": supported values: \"FQDN\", \"IPv4\", \"IPv6\"|endpoints[0].addresses: Required value: must contain at least 1 address")]
    [InlineData("endpointslices", """{"addressType":"IPv4","endpoints":[{"addresses":["::1","010.0.0.1"]}],"ports":[{"port":1},{"port":2}]}""", "endpoints[0].addresses[0]: Invalid value: \"::1\": must be a valid IPv4 address|endpoints[0].addresses[1]: Invalid value: \"010.0.0.1\": must be a valid IPv4 address|ports[1].name: Duplicate value: \"\"")]
    [InlineData("events", """{"involvedObject":{"namespace":"foo"}}""", "involvedObject.namespace: Invalid value: \"foo\": does not match event.namespace")]
    [InlineData("events", """{"involvedObject":{"namespace":"default"},"eventTime":"2024-01-01T00:00:00.000000Z","reportingComponent":"a"}""", "reportingInstance: Required value|action: Required value|reason: Required value")]
    [InlineData("events", """{"metadata":{"name":"X_1"},"involvedObject":{"kind":"Pod","name":"x","namespace":"default"}}""", "")]
    [InlineData("nodes", """{"spec":{"taints":[{"key":"a","effect":"X"},{"key":"k","effect":"NoSchedule"},{"key":"k","effect":"NoSchedule"}],"podCIDRs":["x"]}}""", "metadata.taints[0].effect: Unsupported value: \"X\": supported values: \"NoSchedule\", \"PreferNoSchedule\", \"NoExecute\"|metadata.taints[2]: Duplicate value: {\"key\":\"k\",\"effect\":\"NoSchedule\"}: taints must be unique by key and effect pair|spec.podCIDRs[0]: Invalid value: [\"x\"]: must be valid CIDR")]
    [InlineData("leases", """{"spec":{"leaseDurationSeconds":0,"leaseTransitions":-1}}""", "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0|spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("ingresses", """{}""", "spec: Invalid value: []: either `defaultBackend` or `rules` must be specified")]
    [InlineData("ingresses", """{"spec":{"rules":[{"host":"1.2.3.4","http":{"paths":[{"path":"x","backend":{}}]}}]}}""", "spec.rules[0].host: Invalid value: \"1.2.3.4\": must be a DNS name, not an IP address|spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified")]
    [InlineData("ingresses", """{"spec":{"rules":[{"http":{"paths":[{"pathType":"Exact","path":"a//b/..","backend":{"service":{"name":"s","port":{"name":"a","number":1}}}}]}}],"ingressClassName":"_"}}""", $"spec.rules[0].http.paths[0].path: Invalid value: \"a//b/..\": must be an absolute path|spec.rules[0].http.paths[0].path: Invalid value: \"a//b/..\": must not contain '//'|spec.rules[0].http.paths[0].path: Invalid value: \"a//b/..\": cannot end with '/..'|spec.rules[0].http.paths[0].backend: Invalid value: \"\": cannot set both port name & port number|spec.ingressClassName: Invalid value: \"_\": {Subdomain}")]
    [InlineData("ingresses", """{"metadata":{"annotations":{"kubernetes.io/ingress.class":"x"}},"spec":{"ingressClassName":"y","defaultBackend":{"service":{"name":"s","port":{"number":80}}}}}""", "annotations.kubernetes.io/ingress.class: Invalid value: \"x\": must match `ingressClassName` when both are specified")]
    [InlineData("ingressclasses", """{}""", "spec.controller: Required value")]
    [InlineData("ingressclasses", """{"spec":{"controller":"x","parameters":{"kind":"","name":"a/b"}}}""", "spec.controller: Invalid value: \"x\": must be a domain-prefixed path (such as \"acme.io/foo\")|spec.parameters.kind: Required value: kind is required|spec.parameters.name: Invalid value: \"a/b\": may not contain '/'")]
    [InlineData("pods", """{"spec":{}}""", "spec.containers: Required value")]
    [InlineData("pods", """{"spec":{"containers":[{}]}}""", "spec.containers[0].name: Required value|spec.containers[0].image: Required value")]
    [InlineData("pods", """{"spec":{"containers":[{"name":"A","image":" x","imagePullPolicy":"Y","ports":[{"containerPort":0}],"env":[{"name":"="}],"volumeMounts":[{"name":"v"}]}],"restartPolicy":"R","dnsPolicy":"D","volumes":[{"name":"w"},{"name":"w"}],"activeDeadlineSeconds":0,"tolerations":[{"operator":"Foo","key":"k"}]}}""",
        $"spec.volumes[1].name: Duplicate value: \"w\"|spec.containers[0].name: Invalid value: \"A\": {Label}|spec.containers[0].ports[0].containerPort: Required value|spec.containers[0].env[0].name: Invalid value: \"=\": a valid environment variable name must consist only of printable ASCII characters other than '='|spec.containers[0].volumeMounts[0].name: Not found: \"v\"|spec.containers[0].volumeMounts[0].mountPath: Required value|spec.containers[0].imagePullPolicy: Unsupported value: \"Y\": supported values: \"Always\", \"IfNotPresent\", \"Never\"|spec.restartPolicy: Unsupported value: \"R\": supported values: \"Always\", \"OnFailure\", \"Never\"|spec.dnsPolicy: Unsupported value: \"D\": supported values: \"ClusterFirstWithHostNet\", \"ClusterFirst\", \"Default\", \"None\"|spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive|spec.tolerations[0].operator: Unsupported value: \"Foo\": supported values: \"Equal\", \"Exists\"|spec.containers[0].image: Invalid value: \" x\": must not have leading or trailing whitespace")]
    public void A_new_object_is_checked(string plural, string json, string errors) =>
        Assert.Equal(errors, string.Join('|', PlainOperations.Create(plural, json).Errors));

    [Theory]
    [InlineData("secrets", """{"type":"x/y"}""", """{}""", "type: Invalid value: \"Opaque\": field is immutable")]
    [InlineData("secrets", """{"immutable":true,"data":{"a":"eA=="}}""", """{"data":{"a":"eQ=="}}""", "immutable: Forbidden: field is immutable when `immutable` is set|data: Forbidden: field is immutable when `immutable` is set")]
    [InlineData("secrets", """{"immutable":true}""", """{"metadata":{"labels":{"a":"b"}},"immutable":true}""", "")]
    [InlineData("configmaps", """{"immutable":true,"data":{"a":"1"}}""", """{"immutable":true,"data":{"a":"2"},"binaryData":{"b":""}}""", "data: Forbidden: field is immutable when `immutable` is set|binaryData: Forbidden: field is immutable when `immutable` is set")]
    [InlineData("secrets", """{"metadata":{"deletionTimestamp":"2024-01-01T00:00:00Z"}}""", """{"metadata":{"deletionTimestamp":"2024-01-01T00:00:00Z","finalizers":["a/b"]}}""", "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{\"a/b\"}")]
    [InlineData("services", """{"spec":{"clusterIP":"10.0.0.1","ports":[{"port":80}]}}""", """{"spec":{"clusterIP":"10.0.0.2","ports":[{"port":80}]}}""", "spec.clusterIPs[0]: Invalid value: [\"10.0.0.2\"]: may not change once set")]
    [InlineData("services", """{"spec":{"clusterIP":"10.0.0.1","ports":[{"port":80}]}}""", """{"spec":{"ports":[{"port":81}]}}""", "")]
    [InlineData("ingressclasses", """{"spec":{"controller":"x.y/z"}}""", """{"spec":{"controller":"x.y/q"}}""", "spec.controller: Invalid value: \"x.y/q\": field is immutable")]
    [InlineData("endpointslices", """{"addressType":"IPv4"}""", """{"addressType":"IPv6"}""", "addressType: Invalid value: \"IPv6\": field is immutable")]
    [InlineData("nodes", """{"spec":{"podCIDR":"10.0.0.0/24","providerID":"p"}}""", """{"spec":{"podCIDR":"10.0.1.0/24","providerID":"q","externalID":"z"}}""", "spec.podCIDRs: Forbidden: node updates may not change podCIDR except from \"\" to valid|spec.providerID: Forbidden: node updates may not change providerID except from \"\" to valid|[]: Forbidden: node updates may only change labels, taints, or capacity (or configSource, if the DynamicKubeletConfig feature gate is enabled)")]
    [InlineData("pods", """{"spec":{"containers":[{"name":"a","image":"x"}]}}""", """{"spec":{"containers":[{"name":"a","image":"x:2","imagePullPolicy":"Always"}],"activeDeadlineSeconds":5}}""", "")]
    [InlineData("pods", """{"spec":{"containers":[{"name":"a","image":"x"}]}}""", """{"spec":{"containers":[{"name":"a","image":"x"},{"name":"b","image":"x"}]}}""", "spec.containers: Forbidden: pod updates may not add or remove containers")]
    [InlineData("pods", """{"spec":{"containers":[{"name":"a","image":"x"}]}}""", """{"spec":{"containers":[{"name":"a","image":"x","command":["y"]}]}}""", "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)")]
    public void A_change_is_checked(string plural, string before, string after, string errors)
    {
        var stored = PlainOperations.Create(plural, before);
        Assert.Empty(stored.Errors);
        Assert.Equal(errors, string.Join('|', PlainOperations.Update(plural, stored.Object, after).Errors));
    }

    [Theory]
    [InlineData("status", """{"status":{"phase":"Foo"}}""", "status.Phase: Invalid value: \"Foo\": may only be 'Active' if `deletionTimestamp` is empty")]
    [InlineData("finalize", """{"spec":{"finalizers":["foo"]}}""", "spec.finalizers[0]: Invalid value: \"foo\": name is neither a standard finalizer name nor is it fully qualified")]
    [InlineData("finalize", """{"spec":{"finalizers":[]}}""", "")]
    public void Subresources_of_a_namespace_are_checked(string subresource, string json, string errors)
    {
        var stored = PlainOperations.Create("namespaces", "{}").Object;
        Assert.Equal(errors, string.Join('|', PlainOperations.Update("namespaces", stored, json, subresource).Errors));
    }

    [Theory]
    [InlineData("secrets", "data")]
    [InlineData("configmaps", "[]")]
    public void More_than_a_mebibyte_of_data_is_refused(string plural, string field)
    {
        var value = plural == "secrets" ? Convert.ToBase64String(new byte[(1024 * 1024) + 1]) : new string('x', (1024 * 1024) + 1);
        var error = Assert.Single(PlainOperations.Create(plural, $$$"""{"data":{"a":"{{{value}}}"}}""").Errors);
        Assert.Equal($"{field}: Too long: may not be more than 1048576 bytes", error.ToString());
        var most = plural == "secrets" ? Convert.ToBase64String(new byte[1024 * 1024]) : new string('x', 1024 * 1024);
        Assert.Empty(PlainOperations.Create(plural, $$$"""{"data":{"a":"{{{most}}}"}}""").Errors);
    }

    [Fact]
    public void The_namespaces_that_the_system_needs_cannot_be_deleted()
    {
        var rule = PlainOperations.Definition("namespaces").PrepareForDelete!;
        var refusal = Assert.Throws<ApiException>(() => rule(PlainOperations.Operation("namespaces", """{"metadata":{"name":"kube-system"}}""", null, null)));
        Assert.Equal("namespaces \"kube-system\" is forbidden: this namespace may not be deleted", refusal.Message);
        var stored = PlainOperations.Create("namespaces", "{}").Object;
        Assert.True(rule(PlainOperations.Operation("namespaces", stored.ToJsonString(), null, null)));
        Assert.False(PlainOperations.Definition("namespaces").MayVanish!(stored));
    }

    [Fact]
    public void Rules_bear_any_object() => Check.QuickThrowOnFailure(Prop.ForAll(
        Gen.Elements(PlainDefinitions.All.Select(d => d.Plural).ToArray()).ToArbitrary(), JsonTrees.Objects, JsonTrees.Objects, (plural, a, b) =>
        {
            var (one, two) = (Wrap(a), Wrap(b));
            var operation = PlainOperations.Operation(plural, "{}", null, null);
            foreach (var value in (JsonObject[])[one, two])
            {
                operation.Definition.Default?.Invoke(value);
            }

            return operation.Definition.Validate is null || PlainOperations.Rules(operation, one, two).Count >= 0;
        }));

    private static JsonObject Wrap(JsonObject tree) => new()
    {
        ["metadata"] = tree.DeepClone(),
        ["spec"] = new JsonObject
        {
            ["containers"] = new JsonArray(tree.DeepClone()),
            ["ports"] = new JsonArray(tree.DeepClone(), 1),
            ["rules"] = new JsonArray(tree.DeepClone()),
            ["taints"] = new JsonArray(tree.DeepClone(), null),
            ["volumes"] = new JsonArray(tree.DeepClone()),
            ["tls"] = tree.DeepClone(),
        },
        ["subsets"] = new JsonArray(tree.DeepClone()),
        ["endpoints"] = new JsonArray(tree.DeepClone()),
        ["data"] = tree.DeepClone(),
        ["stringData"] = tree.DeepClone(),
        ["status"] = tree.DeepClone(),
    };
}
