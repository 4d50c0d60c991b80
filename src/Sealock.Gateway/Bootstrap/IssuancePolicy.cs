// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Sealock.Api.Security;
using Sealock.Gateway.Authorization;
using static Sealock.Gateway.Authorization.PolicyRule;

namespace Sealock.Gateway.Bootstrap;

/// <summary>
/// Rights around the issuance of certificates: those of the controllers, on this server and on any other, and those of
/// the people who ask for certificates, which belong to Kubernetes' own roles <c>view</c>, <c>edit</c> and <c>admin</c>.
/// </summary>
public static class IssuancePolicy
{
    private const string Group = "cert-manager.io";
    private const string Acme = "acme.cert-manager.io";
    private const string Trust = "trust.cert-manager.io";
    private const string Aggregate = "rbac.authorization.k8s.io/aggregate-to-";
    private const string All = "get list watch create update patch delete";

    /// <summary>The service account of the controllers on this server.</summary>
    public static UserInfo Controller { get; } = UserInfo.ServiceAccount("kube-system", "sealock-issuance-controller");

    // Finalizers are updated by nobody: that right is asked for where objects are owned by others that must not go first.

    /// <summary>What the controllers need in every namespace that they look after (rules of a Role or a ClusterRole).</summary>
    public static ImmutableArray<JsonObject> NamespacedRules => Json(
        Rule("get list watch create update patch delete deletecollection", Group, "certificates certificaterequests"),
        Rule("get list watch update patch", Group, "issuers"),
        Rule("update patch", Group, "certificates/status certificaterequests/status issuers/status"),
        Rule("update", Group, "certificates/finalizers certificaterequests/finalizers issuers/finalizers"),
        Rule("get list watch create update patch delete deletecollection", Acme, "orders challenges"),
        Rule("update patch", Acme, "orders/status challenges/status"),
        Rule("update", Acme, "orders/finalizers challenges/finalizers"),
        Rule(All, "", "secrets configmaps"),
        Rule(All, "networking.k8s.io", "ingresses"),
        Rule("update", "networking.k8s.io", "ingresses/finalizers"),
        Rule("get list watch create delete", "", "services"),
        Rule("get list watch create patch delete", "", "endpoints"),
        Rule("create patch update", " events.k8s.io", "events"));

    /// <summary>What the controllers need of the cluster as a whole.</summary>
    public static ImmutableArray<JsonObject> ClusterRules => Json(
        Rule("get list watch update patch", Group, "clusterissuers"),
        Rule("update patch", Group, "clusterissuers/status"),
        Rule("update", Group, "clusterissuers/finalizers"),
        Rule("approve", Group, "signers", "issuers.cert-manager.io/* clusterissuers.cert-manager.io/*"),
        Rule("get list watch", "policy.cert-manager.io", "certificaterequestpolicies"),
        Rule("update patch", "policy.cert-manager.io", "certificaterequestpolicies/status"),
        Rule("get list watch", Trust, "bundles"),
        Rule("update patch", Trust, "bundles/status"),
        Rule("update", Trust, "bundles/finalizers"),
        // What is revoked is for people to say; the controllers clear away what has expired.
        Rule("get list watch delete", "sealock.dev", "certificaterevocations"),
        Rule(All, "sealock.dev", "revocationlists"),
        Rule("update patch", "sealock.dev", "revocationlists/status"),
        Rule("get list watch", "", "namespaces"),
        Rule(All, "certificates.k8s.io", "clustertrustbundles"),
        // Whose names signers of one's own will have is not known beforehand.
        Rule("attest", "certificates.k8s.io", "signers"),
        Rule("create", "authorization.k8s.io", "subjectaccessreviews"));

    /// <summary>
    /// Roles for people: labelled so that Kubernetes' own roles take them in. Whoever may view a namespace sees its
    /// certificates, whoever may edit it asks for them.
    /// </summary>
    public static ImmutableArray<JsonObject> PeopleRoles =>
    [
        Role("sealock:issuance-view", "view edit admin cluster-reader",
            Rule("get list watch", Group, "certificates certificaterequests issuers"),
            Rule("get list watch", Acme, "challenges orders")),
        Role("sealock:issuance-edit", "edit admin",
            Rule("create delete deletecollection patch update", Group, "certificates certificaterequests issuers"),
            Rule("update patch", Group, "certificates/status"),
            Rule("create delete deletecollection patch update", Acme, "challenges orders")),
        Role("sealock:issuance-cluster-view", "cluster-reader",
            Rule("get list watch", Group, "clusterissuers"),
            Rule("get list watch", "policy.cert-manager.io", "certificaterequestpolicies"),
            Rule("get list watch", Trust, "bundles"),
            Rule("get list watch", "sealock.dev", "certificaterevocations accessrevocations revocationlists")),
    ];

    /// <summary>The rules on leases in the namespace where leaders are elected.</summary>
    public static ImmutableArray<JsonObject> LeaderRules =>
        Json(Rule("create get list watch update patch", "coordination.k8s.io", "leases"));

    /// <summary>What a server of our own starts with.</summary>
    internal static IEnumerable<JsonObject> OfServer() =>
    [
        new JsonObject
        {
            ["kind"] = RoleReference.ClusterRole,
            ["metadata"] = new JsonObject { ["name"] = "sealock:issuance-controller" },
            ["rules"] = new JsonArray([.. ClusterRules, .. NamespacedRules]),
        },
        .. PeopleRoles,
    ];

    private static ImmutableArray<JsonObject> Json(params ReadOnlySpan<PolicyRule> rules)
    {
        var result = ImmutableArray.CreateBuilder<JsonObject>(rules.Length);
        foreach (var rule in rules)
            result.Add(RbacJson.ToJson(rule));
        return result.MoveToImmutable();
    }

    private static JsonObject Role(string name, string aggregates, params ReadOnlySpan<PolicyRule> rules)
    {
        var labels = new JsonObject();
        foreach (var role in aggregates.Split(' '))
            labels[Aggregate + role] = "true";
        return new JsonObject
        {
            ["kind"] = RoleReference.ClusterRole,
            ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = labels },
            ["rules"] = new JsonArray([.. Json(rules)]),
        };
    }
}
