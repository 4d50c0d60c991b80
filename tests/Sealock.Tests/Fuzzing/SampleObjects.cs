// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Sealock.Tests.Certificates;

namespace Sealock.Tests.Fuzzing;

/// <summary>A valid object of every kind that is served, by the path of its collection.</summary>
internal static class SampleObjects
{
    private const string Namespaced = "/api/v1/namespaces/default/";

    public static ImmutableArray<(string Path, JsonObject Object)> All { get; } =
    [
        Sample("/api/v1/namespaces", """{"metadata":{"name":"x","labels":{"a":"b"}},"spec":{"finalizers":["kubernetes"]}}"""),
        Sample(Namespaced + "secrets", """{"metadata":{"name":"x","annotations":{"a":"b"},"finalizers":["example.com/f"]},"type":"Opaque","data":{"k":"dg=="},"stringData":{"s":"t"}}"""),
        Sample(Namespaced + "secrets", """{"metadata":{"name":"y"},"type":"kubernetes.io/dockerconfigjson","data":{".dockerconfigjson":"e30="},"immutable":true}"""),
        Sample(Namespaced + "secrets", """{"metadata":{"name":"z","namespace":"default"},"type":"bootstrap.kubernetes.io/token","data":{"token-id":"YWJjZGVm"}}"""),
        Sample(Namespaced + "configmaps", """{"metadata":{"generateName":"x-"},"data":{"k":"v"},"binaryData":{"b":"AAE="}}"""),
        Sample(Namespaced + "serviceaccounts", """{"metadata":{"name":"x"},"secrets":[{"name":"s"}],"imagePullSecrets":[{"name":"p"}],"automountServiceAccountToken":false}"""),
        Sample(Namespaced + "serviceaccounts/x/token", """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"audiences":["a"],"expirationSeconds":600}}"""),
        Sample(Namespaced + "serviceaccounts/x/token", """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"audiences":["a"],"expirationSeconds":600,"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"x","uid":"u"}}}"""),
        Sample(Namespaced + "services", """{"metadata":{"name":"x"},"spec":{"type":"LoadBalancer","selector":{"a":"b"},"ports":[{"name":"h","port":80,"targetPort":"http","protocol":"TCP","nodePort":30000}],"externalIPs":["1.2.3.4"],"ipFamilies":["IPv4"],"sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":10}},"loadBalancerSourceRanges":["10.0.0.0/8"]},"status":{"loadBalancer":{"ingress":[{"ip":"1.2.3.4"}]}}}"""),
        Sample(Namespaced + "endpoints", """{"metadata":{"name":"x"},"subsets":[{"addresses":[{"ip":"1.2.3.4","targetRef":{"kind":"Pod","name":"x"}}],"notReadyAddresses":[{"ip":"fd00::1"}],"ports":[{"name":"h","port":80,"protocol":"TCP"}]}]}"""),
        Sample("/api/v1/nodes", """{"metadata":{"name":"x"},"spec":{"podCIDR":"10.1.0.0/24","podCIDRs":["10.1.0.0/24"],"taints":[{"key":"a","effect":"NoSchedule"}]},"status":{"addresses":[{"type":"InternalIP","address":"1.2.3.4"}],"conditions":[{"type":"Ready","status":"True"}],"nodeInfo":{"kubeletVersion":"v1.30.0"},"capacity":{"cpu":"2","memory":"1Gi"}}}"""),
        Sample(Namespaced + "pods", """{"metadata":{"name":"x","ownerReferences":[{"apiVersion":"v1","kind":"Node","name":"n","uid":"u","controller":true}]},"spec":{"containers":[{"name":"c","image":"i","ports":[{"containerPort":80}],"env":[{"name":"A","value":"b"}],"volumeMounts":[{"name":"v","mountPath":"/v"}],"resources":{"requests":{"cpu":"100m"}}}],"volumes":[{"name":"v","emptyDir":{}}],"tolerations":[{"operator":"Exists"}],"nodeName":"n","restartPolicy":"Always"},"status":{"phase":"Running","podIP":"1.2.3.4","podIPs":[{"ip":"1.2.3.4"}],"conditions":[{"type":"Ready","status":"True"}],"containerStatuses":[{"name":"c","ready":true,"restartCount":1,"state":{"waiting":{"reason":"CrashLoopBackOff"}},"lastState":{"terminated":{"exitCode":1,"finishedAt":"2026-01-01T00:00:00Z"}}}]}}"""),
        Sample(Namespaced + "events", """{"metadata":{"name":"x","namespace":"default"},"involvedObject":{"kind":"Pod","name":"x","namespace":"default"},"reason":"R","message":"m","type":"Normal","firstTimestamp":"2026-01-01T00:00:00Z","lastTimestamp":"2026-01-01T00:00:01Z","eventTime":"2026-01-01T00:00:00.000001Z","reportingComponent":"example.com/c","reportingInstance":"i","action":"A","count":2,"source":{"component":"c","host":"h"},"series":{"count":2,"lastObservedTime":"2026-01-01T00:00:00.000001Z"}}"""),
        Sample("/apis/certificates.k8s.io/v1/certificatesigningrequests", $$$"""{"metadata":{"name":"x"},"spec":{"signerName":"kubernetes.io/kube-apiserver-client","usages":["client auth"],"request":"{{{RequestRun.Pem()}}}","expirationSeconds":3600},"status":{"conditions":[{"type":"Approved","status":"True","reason":"r","lastUpdateTime":"2026-01-01T00:00:00Z"}],"certificate":"{{{RequestRun.Base64(RequestRun.Certificate())}}}"}}"""),
        Sample("/apis/certificates.k8s.io/v1/certificatesigningrequests", $$$"""{"metadata":{"name":"y"},"spec":{"signerName":"kubernetes.io/kubelet-serving","usages":["digital signature","server auth"],"request":"{{{RequestRun.Pem("O=system:nodes, CN=system:node:x")}}}"}}"""),
        Sample("/apis/rbac.authorization.k8s.io/v1/clusterroles", """{"metadata":{"name":"x","labels":{"rbac.authorization.k8s.io/aggregate-to-view":"true"}},"rules":[{"apiGroups":["",""],"resources":["pods/*"],"verbs":["get"],"resourceNames":["a"]},{"nonResourceURLs":["/x/*"],"verbs":["get"]}],"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"a":"b"},"matchExpressions":[{"key":"k","operator":"In","values":["v"]}]}]}}"""),
        Sample("/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles", """{"metadata":{"name":"x"},"rules":[{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}]}"""),
        Sample("/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings", """{"metadata":{"name":"x"},"subjects":[{"kind":"ServiceAccount","name":"a","namespace":"default"},{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"u"}],"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"x"}}"""),
        Sample("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", """{"metadata":{"name":"x"},"subjects":[{"kind":"Group","apiGroup":"rbac.authorization.k8s.io","name":"g"}],"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"x"}}"""),
        Sample("/apis/authorization.k8s.io/v1/subjectaccessreviews", """{"spec":{"user":"u","groups":["g"],"uid":"1","extra":{"a":["b"]},"resourceAttributes":{"namespace":"n","verb":"get","group":"","version":"v1","resource":"pods","subresource":"log","name":"x","labelSelector":{"requirements":[{"key":"a","operator":"In","values":["b"]}]}}}}"""),
        Sample("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", """{"spec":{"nonResourceAttributes":{"path":"/x","verb":"get"}}}"""),
        Sample("/apis/authorization.k8s.io/v1/namespaces/default/localsubjectaccessreviews", """{"metadata":{"namespace":"default"},"spec":{"user":"u","resourceAttributes":{"namespace":"default","verb":"get","resource":"pods"}}}"""),
        Sample("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", """{"spec":{"namespace":"default"}}"""),
        Sample("/apis/authentication.k8s.io/v1/tokenreviews", """{"spec":{"token":"a.b.c","audiences":["x"]}}"""),
        Sample("/apis/authentication.k8s.io/v1/selfsubjectreviews", """{"metadata":{}}"""),
        Sample("/apis/coordination.k8s.io/v1/namespaces/default/leases", """{"metadata":{"name":"x"},"spec":{"holderIdentity":"h","leaseDurationSeconds":15,"acquireTime":"2026-01-01T00:00:00.000000Z","renewTime":"2026-01-01T00:00:00.000000Z","leaseTransitions":1}}"""),
        Sample("/apis/networking.k8s.io/v1/namespaces/default/ingresses", """{"metadata":{"name":"x"},"spec":{"ingressClassName":"c","defaultBackend":{"service":{"name":"s","port":{"number":80}}},"tls":[{"hosts":["a.example.com"],"secretName":"t"}],"rules":[{"host":"*.example.com","http":{"paths":[{"path":"/x","pathType":"Prefix","backend":{"service":{"name":"s","port":{"name":"http"}}}},{"pathType":"ImplementationSpecific","backend":{"resource":{"apiGroup":"g","kind":"K","name":"n"}}}]}}]},"status":{"loadBalancer":{"ingress":[{"hostname":"h","ports":[{"port":80,"protocol":"TCP"}]}]}}}"""),
        Sample("/apis/networking.k8s.io/v1/ingressclasses", """{"metadata":{"name":"x"},"spec":{"controller":"example.com/c","parameters":{"apiGroup":"g","kind":"K","name":"n","scope":"Namespace","namespace":"default"}}}"""),
        Sample("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices", """{"metadata":{"name":"x"},"addressType":"IPv4","endpoints":[{"addresses":["1.2.3.4"],"conditions":{"ready":true},"nodeName":"n","zone":"z","hints":{"forZones":[{"name":"z"}]},"deprecatedTopology":{"a":"b"}}],"ports":[{"name":"h","port":80,"protocol":"TCP","appProtocol":"example.com/p"}]}"""),
        Sample("/apis/certificates.k8s.io/v1/clustertrustbundles", $$$"""{"metadata":{"name":"x"},"spec":{"trustBundle":{{{JsonValue.Create(RequestRun.Certificate(ca: true)).ToJsonString()}}}}}"""),
        .. IssuanceSamples.All,
    ];

    /// <summary>The objects alone.</summary>
    public static ImmutableArray<JsonObject> Objects { get; } = [.. All.Select(sample => sample.Object)];

    private static (string, JsonObject) Sample(string path, string json) => (path, JsonNode.Parse(json)!.AsObject());
}
