// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using Sealock.Api.Serving;

namespace Sealock.Gateway.Metrics;

/// <summary>
/// Counts what passes the front door. Label values are bounded: what a stranger can make up is not among them.
/// </summary>
internal sealed class GatewayMetrics(TimeProvider clock)
{
    private const int MaxSeries = 4000;

    private static readonly double[] Bounds = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 30, 60];
    private static readonly RequestKey Other = new("other", "", "", "", 0);

    private readonly ConcurrentDictionary<RequestKey, RequestSeries> _requests = new();

    /// <summary>TLS handshakes.</summary>
    public HandshakeMetrics Handshakes { get; } = new();

    /// <summary>Who was believed, and what they were allowed.</summary>
    public AccessMetrics Access { get; } = new();

    /// <summary>A request was answered; <paramref name="started"/> is the clock's timestamp of its arrival.</summary>
    public void RequestCompleted(RequestInfo info, int code, long started)
    {
        // Names of resources that are refused or not found, or not waited for, are whatever the client liked to write.
        var key = info.IsResource && code is not (400 or 401 or 403 or 404 or 429 or 499)
            ? new RequestKey(KnownVerb(info.Verb), info.Group, info.Resource, info.Subresource, code)
            : new RequestKey(KnownVerb(info.Verb), "", "", "", code);
        if (!_requests.TryGetValue(key, out var series))
            series = _requests.GetOrAdd(_requests.Count < MaxSeries ? key : Other, _ => new RequestSeries());
        series.Add(info.IsLongRunning ? null : clock.GetElapsedTime(started).TotalSeconds);
    }

    /// <summary>Writes everything counted so far.</summary>
    public void Write(PrometheusText text)
    {
        text.Family("sealock_requests_total", "counter", "Requests answered.");
        foreach (var (key, series) in _requests)
        {
            text.Sample(
                "sealock_requests_total", series.Total,
                ("verb", key.Verb), ("group", key.Group), ("resource", key.Resource),
                ("subresource", key.Subresource), ("code", Code(key)));
        }

        text.Family("sealock_request_duration_seconds", "histogram", "From a request's headers to its answer's end.");
        foreach (var verb in _requests.GroupBy(pair => pair.Key.Verb, pair => pair.Value))
            WriteHistogram(text, verb.Key, [.. verb]);
        Handshakes.Write(text);
        Access.Write(text);
    }

    private static void WriteHistogram(PrometheusText text, string verb, RequestSeries[] series)
    {
        const string name = "sealock_request_duration_seconds";
        var cumulative = 0L;
        for (var i = 0; i < Bounds.Length; i++)
        {
            cumulative += series.Sum(one => one.Bucket(i));
            text.Sample(name + "_bucket", cumulative, ("verb", verb), ("le", PrometheusText.Number(Bounds[i])));
        }

        cumulative += series.Sum(one => one.Bucket(Bounds.Length));
        text.Sample(name + "_bucket", cumulative, ("verb", verb), ("le", "+Inf"));
        text.Sample(name + "_sum", series.Sum(one => one.Seconds), ("verb", verb));
        text.Sample(name + "_count", cumulative, ("verb", verb));
    }

    private static string Code(in RequestKey key) => key.Code == 0 ? "" : PrometheusText.Number(key.Code);

    private static string KnownVerb(string verb) => verb is
        "get" or "list" or "watch" or "create" or "update" or "patch" or "delete" or "deletecollection" or
        "post" or "put" or "head" or "options"
        ? verb
        : "other";

    private readonly record struct RequestKey(string Verb, string Group, string Resource, string Subresource, int Code);

    private sealed class RequestSeries
    {
        private readonly long[] _buckets = new long[Bounds.Length + 1];
        private long _total;
        private long _microseconds;

        public long Total => Interlocked.Read(ref _total);

        public double Seconds => Interlocked.Read(ref _microseconds) / 1e6;

        public long Bucket(int index) => Interlocked.Read(ref _buckets[index]);

        public void Add(double? seconds)
        {
            Interlocked.Increment(ref _total);
            if (seconds is not { } known)
                return;
            var index = 0;
            while (index < Bounds.Length && known > Bounds[index])
                index++;
            Interlocked.Increment(ref _buckets[index]);
            Interlocked.Add(ref _microseconds, (long)(known * 1e6));
        }
    }
}
