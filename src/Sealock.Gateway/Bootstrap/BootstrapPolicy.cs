// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Sealock.Gateway.Authorization;

namespace Sealock.Gateway.Bootstrap;

/// <summary>
/// What a new server starts with: the namespaces, roles and bindings of Kubernetes, and Sealock's own. Roles and
/// bindings carry the annotation by which an administrator keeps a changed one as it is
/// (<c>rbac.authorization.kubernetes.io/autoupdate: "false"</c>).
/// </summary>
public static class BootstrapPolicy
{
    internal const string AutoUpdateAnnotation = "rbac.authorization.kubernetes.io/autoupdate";

    private const string DataName = "Sealock.Gateway.Bootstrap.kubernetes-policy.json";

    /// <summary>The namespaces that always exist.</summary>
    public static ImmutableArray<string> Namespaces { get; } = ["default", "kube-system", "kube-public", "kube-node-lease"];

    /// <summary>Everything, in the order in which it can be created; read anew on each call.</summary>
    public static ImmutableArray<BootstrapObject> All() =>
    [
        .. Namespaces.Select(Namespace),
        .. ReadKubernetes().Select(Labelled),
        .. SealockPolicy.All().Select(Labelled),
    ];

    private static BootstrapObject Namespace(string name) => new("", "namespaces", new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Namespace",
        ["metadata"] = new JsonObject { ["name"] = name },
    });

    private static List<JsonObject> ReadKubernetes()
    {
        using var stream = typeof(BootstrapPolicy).Assembly.GetManifestResourceStream(DataName)
            ?? throw new InvalidOperationException($"resource {DataName} is missing from the assembly");
        return [.. JsonFields.Objects(JsonNode.Parse(stream))];
    }

    /// <summary>Completes what the data leaves out because all of these objects share it.</summary>
    private static BootstrapObject Labelled(JsonObject data)
    {
        var kind = JsonFields.Text(data, "kind");
        var metadata = data["metadata"]!.DeepClone().AsObject();
        var labels = metadata["labels"] as JsonObject ?? [];
        labels["kubernetes.io/bootstrapping"] = "rbac-defaults";
        metadata["labels"] = labels;
        metadata["annotations"] = new JsonObject { [AutoUpdateAnnotation] = "true" };
        var complete = new JsonObject
        {
            ["apiVersion"] = RbacAuthorizer.ApiGroup + "/v1",
            ["kind"] = kind,
            ["metadata"] = metadata,
        };
        foreach (var (field, value) in data)
        {
            if (field is not ("kind" or "metadata"))
                complete[field] = value?.DeepClone();
        }

        if (complete["roleRef"] is JsonObject role)
            role["apiGroup"] = RbacAuthorizer.ApiGroup;
        foreach (var subject in JsonFields.Objects(complete["subjects"]))
        {
            if (JsonFields.Text(subject, "kind") != RbacSubject.ServiceAccount)
                subject["apiGroup"] = RbacAuthorizer.ApiGroup;
        }

        return new BootstrapObject(RbacAuthorizer.ApiGroup, kind.ToLowerInvariant() + "s", complete);
    }
}
