// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Collections.Immutable;
using Sealock.Controllers.Acme.Views;

namespace Sealock.Controllers.Acme;

/// <summary>Requests to ACME servers of one kind, as cert-manager's metrics tell them apart.</summary>
public sealed record AcmeRequestCount(string Scheme, string Host, string Action, string Method, int Status, long Count, TimeSpan Duration);

/// <summary>A Challenge that is there, for the metric <c>certmanager_certificate_challenge_status</c>.</summary>
public sealed record ChallengeStatusSample(
    string Name, string Namespace, string Domain, string Type, string Status, string Reason, bool Processing);

/// <summary>
/// What has happened with ACME servers so far: <c>certmanager_http_acme_client_request_count</c>,
/// <c>certmanager_http_acme_client_request_duration_seconds</c> (a summary) and <c>certmanager_certificate_challenge_status</c>.
/// </summary>
public sealed class AcmeMetrics
{
    private const int MostKinds = 10_000;

    private readonly ConcurrentDictionary<(string Scheme, string Host, string Action, string Method, int Status), (long Count, long Ticks)> _requests = [];
    private Func<IEnumerable<ChallengeView>> _challenges = () => [];

    /// <summary>All kinds of requests that were sent.</summary>
    public ImmutableArray<AcmeRequestCount> Requests =>
        [.. _requests.Select(pair => new AcmeRequestCount(
            pair.Key.Scheme, pair.Key.Host, pair.Key.Action, pair.Key.Method, pair.Key.Status, pair.Value.Count, TimeSpan.FromTicks(pair.Value.Ticks)))];

    /// <summary>The Challenges that are there.</summary>
    public ImmutableArray<ChallengeStatusSample> Challenges =>
        [.. _challenges().Select(challenge => new ChallengeStatusSample(
            challenge.Metadata.Name, challenge.Metadata.Namespace, challenge.DisplayName, challenge.Spec.Type,
            challenge.Status.State, challenge.Status.Reason, challenge.Status.Processing))];

    internal void Follow(Func<IEnumerable<ChallengeView>> challenges) => _challenges = challenges;

    internal void Request(HttpRequestMessage request, int status, TimeSpan took)
    {
        if (request.RequestUri is not { } url || _requests.Count >= MostKinds)
            return;
        _requests.AddOrUpdate(
            (url.Scheme, url.Authority, ActionOf(url), request.Method.Method, status),
            static (_, ticks) => (1, ticks), static (_, sum, ticks) => (sum.Count + 1, sum.Ticks + ticks), took.Ticks);
    }

    /// <summary>What a request is about: the words of its path, without what names a single object.</summary>
    internal static string ActionOf(Uri url)
    {
        var words = url.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries)
            .TakeWhile(word => word.Length <= 24 && word.All(letter => char.IsAsciiLetter(letter) || letter is '-' or '_')).Take(3);
        return string.Join('_', words) is { Length: > 0 } action ? action : "root";
    }
}
