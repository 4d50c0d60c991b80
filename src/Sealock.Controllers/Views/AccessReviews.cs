// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Client;

namespace Sealock.Controllers.Views;

/// <summary>Who made a request, as the server wrote it into the request's spec.</summary>
internal sealed record Requester(
    string Username, string Uid, IReadOnlyList<string> Groups, IReadOnlyDictionary<string, IReadOnlyList<string>>? Extra);

/// <summary>Asks the server whether somebody else may do something (SubjectAccessReview).</summary>
internal static class AccessReviews
{
    /// <summary>Whether the requester may do what <c>resourceAttributes</c> say.</summary>
    public static async ValueTask<bool> MayAsync(
        this ApiClient client, Requester requester, JsonObject resourceAttributes, CancellationToken cancellationToken)
    {
        var spec = new JsonObject
        {
            ["user"] = requester.Username,
            ["groups"] = Strings(requester.Groups),
            ["resourceAttributes"] = resourceAttributes,
        };
        if (requester.Uid.Length > 0)
            spec["uid"] = requester.Uid;
        if (requester.Extra is { Count: > 0 } extra)
            spec["extra"] = new JsonObject(extra.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, Strings(pair.Value))));
        var review = new JsonObject
        {
            ["apiVersion"] = "authorization.k8s.io/v1",
            ["kind"] = "SubjectAccessReview",
            ["spec"] = spec,
        };
        var answer = await client.CreateAsync(ResourceTypes.AccessReviews, "", review, cancellationToken);
        return answer.Status.Allowed;
    }

    private static JsonArray Strings(IEnumerable<string> values) => [.. values.Select(value => (JsonNode)value)];
}
