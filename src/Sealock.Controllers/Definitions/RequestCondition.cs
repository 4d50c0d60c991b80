// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Sealock.Controllers.Definitions;

/// <summary>A condition of a CertificateSigningRequest; two are equal if they say the same.</summary>
internal sealed record RequestCondition(
    string Type, string Status, string Reason, string Message, DateTimeOffset? LastUpdateTime,
    DateTimeOffset? LastTransitionTime)
{
    public const string Approved = "Approved";
    public const string Denied = "Denied";
    public const string Failed = "Failed";
    public const string True = "True";

    /// <summary>The types that stay once they are there and are always <c>True</c>.</summary>
    public static ImmutableArray<string> Final { get; } = [Approved, Denied, Failed];

    /// <summary>The types that only <c>/approval</c> writes.</summary>
    public static ImmutableArray<string> Decisions { get; } = [Approved, Denied];

    /// <summary>The conditions of a request, in order.</summary>
    public static ImmutableArray<RequestCondition> Of(JsonObject request) =>
        List(request) is { } list ? [.. list.Select(item => Read(item as JsonObject ?? []))] : [];

    /// <summary>The list that holds the conditions of a request, or null.</summary>
    public static JsonArray? List(JsonObject request) => request.Map("status")?["conditions"] as JsonArray;

    private static RequestCondition Read(JsonObject condition) => new(
        condition.Text("type"), condition.Text("status"), condition.Text("reason"), condition.Text("message"),
        condition.Time("lastUpdateTime"), condition.Time("lastTransitionTime"));
}
