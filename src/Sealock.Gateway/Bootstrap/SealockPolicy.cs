// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Security;
using Sealock.Gateway.Authorization;
using static Sealock.Gateway.Authorization.PolicyRule;

namespace Sealock.Gateway.Bootstrap;

/// <summary>
/// The roles and bindings that Sealock adds to Kubernetes': for its own control loops, each a fixed service account of
/// kube-system with no more rights than it needs, and the grants that kubeadm makes for joining nodes.
/// </summary>
public static class SealockPolicy
{
    private const string System = "kube-system";
    private const string BootstrapGroup = "system:bootstrappers:kubeadm:default-node-token";
    private const string Certificates = "certificates.k8s.io";

    /// <summary>Approves, signs and cleans certificate signing requests, publishes trust bundles.</summary>
    public static UserInfo CertificateController { get; } = UserInfo.ServiceAccount(System, "sealock-certificate-controller");

    /// <summary>Keeps namespaces, default service accounts, root certificates, token secrets, and collects garbage.</summary>
    public static UserInfo Housekeeper { get; } = UserInfo.ServiceAccount(System, "sealock-housekeeper");

    /// <summary>Fills aggregated cluster roles (Kubernetes' own role for it).</summary>
    public static UserInfo RoleAggregator { get; } = UserInfo.ServiceAccount(System, "clusterrole-aggregation-controller");

    /// <summary>The server itself: what it does before and beneath all roles, such as writing this policy.</summary>
    public static UserInfo Server { get; } =
        new() { Name = "system:apiserver", Groups = [WellKnownGroups.Masters, WellKnownGroups.Authenticated] };

    internal static IEnumerable<JsonObject> All() =>
    [
        ClusterRole(
            "sealock:certificate-controller",
            Rule("get list watch delete", Certificates, "certificatesigningrequests"),
            Rule("update patch", Certificates, "certificatesigningrequests/approval certificatesigningrequests/status"),
            Rule(
                "approve", Certificates, "signers",
                "kubernetes.io/kube-apiserver-client-kubelet kubernetes.io/kubelet-serving"),
            // Whose names signers of one's own will have is not known beforehand.
            Rule("sign attest", Certificates, "signers"),
            Rule("get list watch create update patch delete", Certificates, "clustertrustbundles"),
            Rule("get list watch", "", "secrets nodes"),
            Rule("create", "authorization.k8s.io", "subjectaccessreviews"),
            Rule("create patch update", " events.k8s.io", "events")),
        Bound("sealock:certificate-controller", ServiceAccount("sealock-certificate-controller")),
        ClusterRole(
            "sealock:housekeeper",
            // Emptying a namespace and collecting garbage concern objects of every kind.
            Rule("get list watch delete deletecollection patch update", "*", "*"),
            Rule("create", "", "serviceaccounts configmaps"),
            Rule("create", "", "serviceaccounts/token"),
            Rule("create patch update", " events.k8s.io", "events")),
        Bound("sealock:housekeeper", ServiceAccount("sealock-housekeeper")),
        .. IssuancePolicy.OfServer(),
        Bound("sealock:issuance-controller", ServiceAccount("sealock-issuance-controller")),
        LeaderRole(),
        new JsonObject
        {
            ["kind"] = "RoleBinding",
            ["metadata"] = new JsonObject { ["name"] = "sealock:leader-election", ["namespace"] = System },
            ["roleRef"] = new JsonObject { ["kind"] = "Role", ["name"] = "sealock:leader-election" },
            ["subjects"] = new JsonArray(
                ServiceAccount("sealock-certificate-controller"), ServiceAccount("sealock-housekeeper"),
                ServiceAccount("sealock-issuance-controller"), ServiceAccount("clusterrole-aggregation-controller")),
        },

        Bound("kubeadm:cluster-admins", Group("kubeadm:cluster-admins"), "cluster-admin"),
        Bound("kubeadm:kubelet-bootstrap", Group(BootstrapGroup), "system:node-bootstrapper"),
        Bound(
            "kubeadm:node-autoapprove-bootstrap", Group(BootstrapGroup),
            "system:certificates.k8s.io:certificatesigningrequests:nodeclient"),
        Bound(
            "kubeadm:node-autoapprove-certificate-rotation", Group("system:nodes"),
            "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient"),
        ClusterRole("kubeadm:get-nodes", Rule("get", "", "nodes")),
        Bound("kubeadm:get-nodes", Group(BootstrapGroup)),

        // Without a node authorizer, what kubelets may do is what is safe to give to every node alike.
        ClusterRole(
            "sealock:node-certificates", Rule("create get list watch", Certificates, "certificatesigningrequests")),
        Bound("sealock:node-certificates", Group("system:nodes")),
    ];

    private static JsonObject LeaderRole() => new()
    {
        ["kind"] = "Role",
        ["metadata"] = new JsonObject { ["name"] = "sealock:leader-election", ["namespace"] = System },
        ["rules"] = new JsonArray([.. IssuancePolicy.LeaderRules]),
    };

    private static JsonObject ClusterRole(string name, params ReadOnlySpan<PolicyRule> rules)
    {
        var list = new JsonArray();
        foreach (var rule in rules)
            list.Add((JsonNode)RbacJson.ToJson(rule));
        return new JsonObject
        {
            ["kind"] = "ClusterRole",
            ["metadata"] = new JsonObject { ["name"] = name },
            ["rules"] = list,
        };
    }

    private static JsonObject Bound(string name, JsonObject subject, string? role = null) => new()
    {
        ["kind"] = "ClusterRoleBinding",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["roleRef"] = new JsonObject { ["kind"] = RoleReference.ClusterRole, ["name"] = role ?? name },
        ["subjects"] = new JsonArray(subject),
    };

    private static JsonObject Group(string name) => new() { ["kind"] = RbacSubject.UserGroup, ["name"] = name };

    private static JsonObject ServiceAccount(string name) =>
        new() { ["kind"] = RbacSubject.ServiceAccount, ["namespace"] = System, ["name"] = name };
}
