// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Client;
using Sealock.Api.Objects;

namespace Sealock.Controllers.Views;

/// <summary>Who made a request, as the server wrote it into the request's spec.</summary>
internal sealed record Requester(
    string Username, string Uid, IReadOnlyList<string> Groups, IReadOnlyDictionary<string, IReadOnlyList<string>>? Extra)
{
    /// <summary>Whether it is whoever asks: the server knows him, whatever stands here.</summary>
    public bool IsSelf { get; private init; }

    /// <summary>Whoever asks, by the name by which the server knows him; empty where it does not tell.</summary>
    public static Requester Self(string username) => new(username, "", [], null) { IsSelf = true };
}

/// <summary>Asks the server whether somebody may do something.</summary>
internal static class AccessReviews
{
    /// <summary>
    /// Whether the requester may do what <c>resourceAttributes</c> say: a SubjectAccessReview, or a SelfSubjectAccessReview about
    /// whoever asks.
    /// </summary>
    public static async ValueTask<bool> MayAsync(
        this ApiClient client, Requester requester, JsonObject resourceAttributes, CancellationToken cancellationToken)
    {
        var spec = new JsonObject { ["resourceAttributes"] = resourceAttributes };
        if (!requester.IsSelf)
        {
            spec["user"] = requester.Username;
            spec["groups"] = Strings(requester.Groups);
            if (requester.Uid.Length > 0)
                spec["uid"] = requester.Uid;
            if (requester.Extra is { Count: > 0 } extra)
                spec["extra"] = new JsonObject(extra.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, Strings(pair.Value))));
        }

        var review = new JsonObject
        {
            ["apiVersion"] = "authorization.k8s.io/v1",
            ["kind"] = requester.IsSelf ? "SelfSubjectAccessReview" : "SubjectAccessReview",
            ["spec"] = spec,
        };
        var kind = requester.IsSelf ? ResourceTypes.OwnAccessReviews : ResourceTypes.AccessReviews;
        return (await client.CreateAsync(kind, "", review, cancellationToken)).Status.Allowed;
    }

    /// <summary>The name by which the server knows whoever asks; empty where it does not tell (before Kubernetes 1.28).</summary>
    public static async ValueTask<string> WhoAmIAsync(this ApiClient client, CancellationToken cancellationToken)
    {
        var review = new JsonObject { ["apiVersion"] = "authentication.k8s.io/v1", ["kind"] = "SelfSubjectReview" };
        try
        {
            return (await client.CreateAsync(ResourceTypes.OwnIdentity, "", review, cancellationToken)).Status.UserInfo.Username;
        }
        catch (ApiException refused) when (refused.Code is 403 or 404)
        {
            return "";
        }
    }

    private static JsonArray Strings(IEnumerable<string> values) => [.. values.Select(value => (JsonNode)value)];
}
