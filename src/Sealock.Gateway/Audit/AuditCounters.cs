// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using Sealock.Gateway.Audit.Policies;
using Sealock.Gateway.Metrics;

namespace Sealock.Gateway.Audit;

/// <summary>Counts what is audited, as kube-apiserver's metrics apiserver_audit_… do.</summary>
internal sealed class AuditCounters
{
    /// <summary>Stands in for an output where there was no room in its queue.</summary>
    public const string Buffer = "buffered";

    /// <summary>Stands in for an output whose limit an event exceeded.</summary>
    public const string Truncation = "truncate";

    private readonly long[] _levels = new long[(int)AuditLevel.RequestResponse + 1];
    private readonly ConcurrentDictionary<string, long> _failed = new(StringComparer.Ordinal);
    private long _events;
    private long _rejected;

    /// <summary>A policy decided on a request.</summary>
    public void Level(AuditLevel level) => Interlocked.Increment(ref _levels[(int)level]);

    /// <summary>An event was made.</summary>
    public void Event() => Interlocked.Increment(ref _events);

    /// <summary>Events are lost.</summary>
    public void Failed(string plugin, int count) => _failed.AddOrUpdate(plugin, count, (_, before) => before + count);

    /// <summary>A request was refused because its event could not be written.</summary>
    public void Rejected() => Interlocked.Increment(ref _rejected);

    /// <summary>Events lost, by what lost them.</summary>
    public long FailedOf(string plugin) => _failed.GetValueOrDefault(plugin);

    /// <summary>Writes everything counted so far.</summary>
    public void Write(PrometheusText text)
    {
        text.Family("sealock_audit_event_total", "counter", "Audit events made and handed to the outputs.");
        text.Sample("sealock_audit_event_total", Interlocked.Read(ref _events));
        text.Family("sealock_audit_error_total", "counter", "Audit events lost, by what lost them.");
        foreach (var plugin in _failed.Keys.Order(StringComparer.Ordinal))
            text.Sample("sealock_audit_error_total", _failed[plugin], ("plugin", plugin));
        text.Family("sealock_audit_level_total", "counter", "Requests by the level at which they are audited.");
        for (var level = AuditLevel.None; level <= AuditLevel.RequestResponse; level++)
            text.Sample("sealock_audit_level_total", Interlocked.Read(ref _levels[(int)level]), ("level", level.ToString()));
        text.Family(
            "sealock_audit_requests_rejected_total", "counter", "Requests refused because they could not be audited.");
        text.Sample("sealock_audit_requests_rejected_total", Interlocked.Read(ref _rejected));
    }
}
