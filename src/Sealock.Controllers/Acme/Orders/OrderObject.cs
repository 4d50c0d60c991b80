// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Acme.Messages;
using Sealock.Controllers.Acme.Views;
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Issuance.Issuers;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Acme.Orders;

/// <summary>What Orders look like: as they are made for a request, and as their status is changed.</summary>
internal static class OrderObject
{
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    /// <summary>The Order for a request: with its labels and annotations, and owned by it.</summary>
    public static JsonObject New(SigningTask task, AcmeIssuerView settings, IReadOnlyList<AcmeIdentifier> names, string replaces, string name)
    {
        var request = task.Request;
        var spec = new JsonObject
        {
            ["request"] = Convert.ToBase64String(request.Spec.Request),
            ["issuerRef"] = new JsonObject
            {
                ["name"] = request.Spec.IssuerRef.Name,
                ["kind"] = request.Spec.IssuerRef.Kind,
                ["group"] = request.Spec.IssuerRef.Group,
            },
        };
        if (task.Csr.Subject.CommonName is { Length: > 0 } commonName)
            spec["commonName"] = commonName;
        Add("dnsNames", AcmeIdentifier.Dns);
        Add("ipAddresses", AcmeIdentifier.Ip);
        if (settings.EnableDurationFeature && request.Spec.Duration is { } duration)
            spec["duration"] = $"{(long)duration.TotalSeconds}s";
        if (settings.Profile.Length > 0)
            spec["profile"] = settings.Profile;
        if (replaces.Length > 0)
            spec["replaces"] = replaces;
        var metadata = new JsonObject
        {
            ["name"] = name,
            ["namespace"] = request.Metadata.Namespace,
            ["ownerReferences"] = new JsonArray(new JsonObject
            {
                ["apiVersion"] = IssuanceResources.ApiVersion,
                ["kind"] = "CertificateRequest",
                ["name"] = request.Metadata.Name,
                ["uid"] = request.Metadata.Uid,
                ["controller"] = true,
                ["blockOwnerDeletion"] = true,
            }),
        };
        Copy("labels", request.Metadata.Labels);
        Copy("annotations", request.Metadata.Annotations);
        return new JsonObject
        {
            ["apiVersion"] = AcmeResources.ApiVersion,
            ["kind"] = OrderView.Kind,
            ["metadata"] = metadata,
            ["spec"] = spec,
        };

        void Add(string field, string type)
        {
            var values = names.Where(identifier => identifier.Type == type).Select(identifier => (JsonNode)identifier.Value).ToArray();
            if (values.Length > 0)
                spec[field] = new JsonArray(values);
        }

        void Copy(string field, IReadOnlyDictionary<string, string> texts)
        {
            var copied = new JsonObject();
            foreach (var (key, value) in texts.Where(text => text.Key is not (LastApplied or WellKnown.RetryNotBefore)))
                copied[key] = value;
            if (copied.Count > 0)
                metadata[field] = copied;
        }
    }

    /// <summary>The patch that takes note of what was ordered.</summary>
    public static JsonObject Ordered(OrderView order, AcmeOrder ordered) => StatusJson.Patch(order.Metadata, new JsonObject
    {
        ["url"] = ordered.Url,
        ["finalizeURL"] = ordered.Finalize,
        ["state"] = StateOf(ordered),
        ["reason"] = null,
        ["authorizations"] = new JsonArray([.. ordered.Authorizations.Select(url => (JsonNode)new JsonObject { ["url"] = url })]),
    });

    /// <summary>The patch that takes note of what has to be shown.</summary>
    public static JsonObject Authorizations(OrderView order, IReadOnlyList<AcmeAuthorization> authorizations) =>
        StatusJson.Patch(order.Metadata, new JsonObject
        {
            ["reason"] = null,
            ["authorizations"] = new JsonArray([.. order.Status.Authorizations.Select(known => (JsonNode)Authorization(
                authorizations.FirstOrDefault(read => read.Url == known.Url) ?? new() { Url = known.Url, Status = "", Identifier = new("", "") }))]),
        });

    /// <summary>The patch that ends an order without a certificate.</summary>
    public static JsonObject Failed(OrderView order, string state, string reason, DateTimeOffset now) => StatusJson.Patch(order.Metadata, new JsonObject
    {
        ["state"] = state,
        ["reason"] = reason,
        ["failureTime"] = ObjectFields.Rfc3339(now),
    });

    /// <summary>The patch that ends an order with its certificate.</summary>
    public static JsonObject Issued(OrderView order, string chainPem) => StatusJson.Patch(order.Metadata, new JsonObject
    {
        ["state"] = OrderStates.Valid,
        ["reason"] = null,
        ["certificate"] = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(chainPem)),
    });

    /// <summary>The patch of state and reason alone.</summary>
    public static JsonObject State(OrderView order, string state, string? reason) =>
        StatusJson.Patch(order.Metadata, new JsonObject { ["state"] = state, ["reason"] = reason });

    /// <summary>A state that the schema has, for what the server says.</summary>
    public static string StateOf(AcmeOrder order) => order.Status switch
    {
        AcmeStatus.Ready => OrderStates.Ready,
        AcmeStatus.Processing or AcmeStatus.Valid => OrderStates.Processing,
        _ => OrderStates.Pending,
    };

    private static JsonObject Authorization(AcmeAuthorization authorization)
    {
        if (authorization.Status.Length == 0)
            return new JsonObject { ["url"] = authorization.Url };
        return new JsonObject
        {
            ["url"] = authorization.Url,
            ["identifier"] = authorization.Identifier.Value,
            ["wildcard"] = authorization.Wildcard,
            ["initialState"] = authorization.Status switch
            {
                AcmeStatus.Valid => OrderStates.Valid,
                AcmeStatus.Pending => OrderStates.Pending,
                AcmeStatus.Invalid => OrderStates.Invalid,
                _ => OrderStates.Expired,
            },
            ["challenges"] = new JsonArray([.. authorization.Challenges.Where(challenge => challenge.HasSafeToken)
                .Select(challenge => (JsonNode)new JsonObject
                {
                    ["url"] = challenge.Url,
                    ["token"] = challenge.Token,
                    ["type"] = challenge.Type,
                })]),
        };
    }
}
