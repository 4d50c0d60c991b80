// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sealock.Acme.Messages;

namespace Sealock.Acme.Client;

/// <summary>An answer as it came.</summary>
/// <param name="Url">Where it came from.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">Its whole body.</param>
/// <param name="Location">The Location header, resolved; null where there is none or it is no HTTPS URL.</param>
/// <param name="Links">The Link headers.</param>
/// <param name="RetryAt">What its Retry-After means.</param>
internal sealed record AcmeAnswer(
    Uri Url, int Status, byte[] Body, Uri? Location, IReadOnlyList<string> Links, DateTimeOffset? RetryAt)
{
    /// <summary>The nonce that came with it; null where none did that can be used.</summary>
    public string? Nonce { get; init; }

    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>The body as JSON; null where it is something else.</summary>
    public T? Read<T>(JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(Body, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The targets of links with a relation that are HTTPS URLs.</summary>
    public IReadOnlyList<Uri> LinksTo(string relation) =>
        [.. LinkHeader.Targets(Links, relation).Select(target => AcmeUrl.Resolve(Url, target)).OfType<Uri>()];

    /// <summary>Why an answer that is no success is none.</summary>
    /// <param name="what">What was asked for, such as <c>the new order</c>.</param>
    public AcmeFailure ToFailure(string what)
    {
        var problem = Read(AcmeJson.Default.AcmeProblem);
        var kind = Status == 429 || problem?.Is(ProblemKinds.RateLimited) == true ? AcmeFailureKind.RateLimited
            : Status >= 500 ? AcmeFailureKind.Unavailable
            : Status is >= 300 and < 400 ? AcmeFailureKind.Malformed
            : AcmeFailureKind.Refused;
        var reason = problem?.ToString() ?? Status switch
        {
            >= 300 and < 400 => $"it answers with a redirect to {Location?.ToString() ?? "nowhere"}, which is not followed; name the server's own URL",
            429 => "too many requests (HTTP status 429)",
            _ => $"HTTP status {Status}",
        };
        return new(kind, $"{Url.Authority} refused {what}: {reason}") { Problem = problem, RetryAt = RetryAt, Status = Status };
    }
}
