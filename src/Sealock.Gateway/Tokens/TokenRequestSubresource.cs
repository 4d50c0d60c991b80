// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Api.Security;
using Sealock.Gateway.Authorization;

namespace Sealock.Gateway.Tokens;

/// <summary>How long asked-for tokens may live.</summary>
public sealed record TokenRequestOptions
{
    /// <summary>The longest lifetime in seconds; 0 is no limit (<c>--service-account-max-token-expiration</c>).</summary>
    public long MaxExpirationSeconds { get; init; }

    /// <summary>
    /// Whether pods' tokens of 3,607 seconds live for a year and only warn after their hour
    /// (<c>--service-account-extend-token-expiration</c>).
    /// </summary>
    public bool ExtendPodTokens { get; init; } = true;
}

/// <summary>The <c>token</c> subresource of service accounts: create a TokenRequest, get a signed token.</summary>
public static class TokenRequestSubresource
{
    private const long DefaultExpirationSeconds = 3600;
    private const long MinExpirationSeconds = 600;
    private const long ExtendableExpirationSeconds = 3607;
    private const long ExtendedExpirationSeconds = 365 * 24 * 3600;

    /// <summary>The subresource, to be added to the definition of service accounts.</summary>
    public static Subresource Create(ITokenIssuer issuer, TokenRequestOptions options) => new()
    {
        Name = "token",
        Verbs = ["create"],
        Group = "authentication.k8s.io",
        Version = "v1",
        Kind = "TokenRequest",
        SchemaName = "io.k8s.api.authentication.v1.TokenRequest",
        SecretFields = ["status.token"],
        Answer = (operation, _) => ValueTask.FromResult(Answer(operation, issuer, options)),
    };

    private static JsonObject Answer(ObjectOperation operation, ITokenIssuer issuer, TokenRequestOptions options)
    {
        var answer = operation.Object.DeepClone().AsObject();
        var spec = answer["spec"] as JsonObject ?? [];
        answer["spec"] = spec;
        var seconds = ReadExpiration(spec);
        Refuse(seconds);
        var account = operation.Old?["metadata"] as JsonObject
            ?? throw ApiException.NotFound("", "serviceaccounts", operation.Name);
        CheckNames(answer["metadata"] as JsonObject, operation, JsonFields.Text(account, "uid"));
        var (bound, node) = ReadBoundObject(operation, spec);
        if (options.MaxExpirationSeconds > 0)
            seconds = Math.Min(seconds, options.MaxExpirationSeconds);
        var extend = options.ExtendPodTokens && bound?.Kind == "Pod" && seconds == ExtendableExpirationSeconds;
        var issued = issuer.Issue(new ServiceAccountTokenRequest
        {
            Namespace = operation.Namespace,
            Name = operation.Name,
            Uid = JsonFields.Text(account, "uid"),
            Audiences = JsonFields.Texts(spec["audiences"]),
            ExpirationSeconds = extend ? ExtendedExpirationSeconds : seconds,
            BoundTo = bound,
            Node = node,
            WarnAfterSeconds = extend ? seconds : null,
        });
        spec["expirationSeconds"] = seconds;
        spec["audiences"] = JsonFields.Array(issued.Audiences);
        spec["boundObjectRef"] ??= null;
        // A pod asks again when its hour is over, whether or not the token would still hold.
        var ends = extend ? operation.Now.AddSeconds(seconds) : issued.Expires;
        answer["metadata"] = new JsonObject
        {
            ["name"] = operation.Name,
            ["namespace"] = operation.Namespace,
            ["creationTimestamp"] = Format(operation.Now),
        };
        answer["status"] = new JsonObject { ["token"] = issued.Token, ["expirationTimestamp"] = Format(ends) };
        return answer;
    }

    private static long ReadExpiration(JsonObject spec) =>
        spec["expirationSeconds"] is JsonValue value && value.TryGetValue<long>(out var seconds)
            ? seconds
            : DefaultExpirationSeconds;

    private static void Refuse(long seconds)
    {
        var at = new FieldPath("spec").Child("expirationSeconds");
        var error = seconds switch
        {
            < MinExpirationSeconds => at.Invalid(seconds, "may not specify a duration less than 10 minutes"),
            > 1L << 32 => at.Invalid(seconds, "may not specify a duration larger than 2^32 seconds"),
            _ => null,
        };
        if (error is not null)
            throw FieldError.ToException("authentication.k8s.io", "TokenRequest", "", [error]);
    }

    private static void CheckNames(JsonObject? metadata, ObjectOperation operation, string uid)
    {
        var name = JsonFields.Text(metadata, "name");
        if (name.Length > 0 && name != operation.Name)
        {
            throw ApiException.BadRequest(
                $"the name of the object ({name}) does not match the name on the URL ({operation.Name})");
        }

        var asked = JsonFields.Text(metadata, "uid");
        if (asked.Length > 0 && asked != uid)
        {
            throw ApiException.Conflict(
                "", "serviceaccounts", operation.Name,
                $"the UID in the token request ({asked}) does not match the UID of the service account ({uid})");
        }
    }

    private static (BoundObject? Bound, BoundObject? Node) ReadBoundObject(ObjectOperation operation, JsonObject spec)
    {
        if (spec["boundObjectRef"] is not JsonObject reference)
            return (null, null);
        var kind = JsonFields.Text(reference, "kind");
        var apiVersion = JsonFields.Text(reference, "apiVersion");
        var name = JsonFields.Text(reference, "name");
        if (apiVersion.Contains('/', StringComparison.Ordinal) || kind is not ("Pod" or "Secret" or "Node"))
        {
            var (group, version) = apiVersion.IndexOf('/', StringComparison.Ordinal) is var slash and >= 0
                ? (apiVersion[..slash], apiVersion[(slash + 1)..])
                : ("", apiVersion);
            throw ApiException.BadRequest($"cannot bind token to object of type {group}/{version}, Kind={kind}");
        }

        var plural = kind.ToLowerInvariant() + "s";
        var found = operation.Objects.Find("", plural, kind == "Node" ? "" : operation.Namespace, name)
            ?? throw ApiException.NotFound("", plural, name);
        var podSpec = kind == "Pod" ? found["spec"] as JsonObject ?? [] : null;
        if (podSpec is not null && JsonFields.Text(podSpec, "serviceAccountName") != operation.Name)
        {
            throw ApiException.BadRequest(
                $"cannot bind token for serviceaccount {GoText.Quote(operation.Name)} to pod running with different serviceaccount name.");
        }

        var uid = JsonFields.Text(found["metadata"] as JsonObject, "uid");
        var asked = JsonFields.Text(reference, "uid");
        if (asked.Length > 0 && asked != uid)
        {
            throw ApiException.Conflict(
                "", kind, name,
                $"the UID in the bound object reference ({asked}) does not match the UID in record. The object might have been deleted and then recreated");
        }

        var nodeName = JsonFields.Text(podSpec, "nodeName");
        return (
            new BoundObject(kind, "v1", name, uid),
            nodeName.Length == 0
                ? null
                : new BoundObject("Node", "v1", nodeName, JsonFields.Text(
                    operation.Objects.Find("", "nodes", "", nodeName)?["metadata"] as JsonObject, "uid")));
    }

    private static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
