// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Api.Serving;

namespace Sealock.Gateway.Audit.Events;

/// <summary>
/// What is taken out of an object before it is recorded: what is secret in its kind, always; managed fields, where the
/// policy says so. It works on a tree of its own.
/// </summary>
internal sealed class BodyFilter
{
    private const string AnyField = "*";

    private static readonly BodyFilter Nothing = new([], omitManagedFields: false);
    private static readonly BodyFilter ManagedFields = new([], omitManagedFields: true);
    private static readonly string[] LastApplied = ["metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"];

    private static readonly ImmutableArray<string[]> OfSecrets = [["data"], ["stringData"], LastApplied];
    private static readonly ImmutableArray<string[]> OfTokenReviews = [["spec", "token"], LastApplied];
    private static readonly ImmutableArray<string[]> OfTokenRequests = [["status", "token"], LastApplied];
    private static readonly ImmutableArray<string[]> OfCertificates = [["spec", "keystores", AnyField, "password"], LastApplied];
    private static readonly ImmutableArray<string[]> OfBundles =
        [["spec", "target", "additionalFormats", AnyField, "password"], LastApplied];

    private static readonly ImmutableArray<string[]> OfPasswords = [["spec", "hash"], LastApplied];

    private readonly ImmutableArray<string[]> _secrets;
    private readonly bool _omitManagedFields;

    private BodyFilter(ImmutableArray<string[]> secrets, bool omitManagedFields)
    {
        _secrets = secrets;
        _omitManagedFields = omitManagedFields;
    }

    /// <summary>Whether nothing has to be taken out.</summary>
    public bool IsEmpty => _secrets.IsEmpty && !_omitManagedFields;

    /// <summary>The filter for what a request sends and is answered.</summary>
    public static BodyFilter For(RequestInfo info, bool omitManagedFields)
    {
        var secrets = SecretsOf(info);
        return secrets.IsEmpty
            ? omitManagedFields ? ManagedFields : Nothing
            : new BodyFilter(secrets, omitManagedFields);
    }

    /// <summary>Whether the words of an error may repeat what was sent and is secret.</summary>
    public bool Quotes(ApiException error) => !_secrets.IsEmpty && QuotesAtCode(error.Code);

    /// <summary>Takes out what must not be recorded; answers whether there was anything secret.</summary>
    public bool Apply(JsonNode body)
    {
        if (body is JsonArray patch)
            return !_secrets.IsEmpty && RemoveValues(patch);
        if (body is not JsonObject root)
            return false;
        if (_secrets.Length > 0 && root["kind"] is JsonValue kind && kind.TryGetValue<string>(out var name) && name == "Status")
            return RemoveWords(root);
        var removed = ApplyTo(root);
        foreach (var item in (root["items"] as JsonArray)?.OfType<JsonObject>() ?? [])
            removed |= ApplyTo(item);
        foreach (var row in (root["rows"] as JsonArray)?.OfType<JsonObject>() ?? [])
            removed |= row["object"] is JsonObject shown && ApplyTo(shown);
        return removed;
    }

    private static ImmutableArray<string[]> SecretsOf(RequestInfo info) => (info.Group, info.Resource, info.Subresource) switch
    {
        ("", "secrets", _) => OfSecrets,
        ("", "serviceaccounts", "token") => OfTokenRequests,
        ("authentication.k8s.io", "tokenreviews", _) => OfTokenReviews,
        ("sealock.dev", "localuserpasswords", _) => OfPasswords,
        ("cert-manager.io", "certificates", _) => OfCertificates,
        ("trust.cert-manager.io", "bundles", _) => OfBundles,
        _ => [],
    };

    // Answers about malformed and invalid bodies repeat parts of them.
    private static bool QuotesAtCode(int code) => code is not (401 or 403 or 404 or 409 or 429);

    private bool ApplyTo(JsonObject root)
    {
        if (_omitManagedFields)
            (root["metadata"] as JsonObject)?.Remove("managedFields");
        var removed = false;
        foreach (var path in _secrets)
            removed |= Remove(root, path);
        return removed;
    }

    private static bool Remove(JsonNode? node, ReadOnlySpan<string> path)
    {
        if (node is not JsonObject map)
            return false;
        if (path.Length == 1)
            return map.Remove(path[0]);
        if (path[0] != AnyField)
            return Remove(map[path[0]], path[1..]);
        var removed = false;
        foreach (var (_, value) in map)
            removed |= Remove(value, path[1..]);
        return removed;
    }

    /// <summary>A JSON patch may bring a secret at any path.</summary>
    private static bool RemoveValues(JsonArray patch)
    {
        var removed = false;
        foreach (var operation in patch.OfType<JsonObject>())
            removed |= operation.Remove("value");
        return removed;
    }

    private static bool RemoveWords(JsonObject status)
    {
        if (status["code"] is not JsonValue value || !value.TryGetValue<int>(out var code) || !QuotesAtCode(code))
            return false;
        var removed = status.Remove("message");
        return (status["details"] as JsonObject)?.Remove("causes") == true || removed;
    }
}
