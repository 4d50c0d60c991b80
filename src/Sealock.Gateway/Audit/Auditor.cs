// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Sealock.Api.Objects;
using Sealock.Api.Security;
using Sealock.Api.Serving;
using Sealock.Gateway.Audit.Events;
using Sealock.Gateway.Audit.Outputs;
using Sealock.Gateway.Audit.Policies;
using Sealock.Gateway.Metrics;

namespace Sealock.Gateway.Audit;

/// <summary>
/// The audit of a server: asks the policy about each request, and hands events to the outputs. It is made before the front
/// door and ended after it, so that nothing which passes the door is left out.
/// </summary>
public sealed class Auditor : IAsyncDisposable
{
    private readonly AuditPolicyFile _policy;
    private readonly AuditCounters _counters;
    private readonly TimeProvider _clock;
    private readonly ImmutableArray<(AuditQueue Queue, AuditLogFormat Format)> _outputs;

    private readonly BodyFilters _filters;

    private Auditor(
        AuditPolicyFile policy, BodyFilters filters, AuditCounters counters, TimeProvider clock,
        ImmutableArray<(AuditQueue Queue, AuditLogFormat Format)> outputs) =>
        (_policy, _filters, _counters, _clock, _outputs) = (policy, filters, counters, clock, outputs);

    /// <summary>Reads the policy and begins.</summary>
    /// <exception cref="FormatException">The policy is malformed; the message tells all that is wrong.</exception>
    /// <exception cref="IOException">The policy cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The policy may not be read.</exception>
    public static Auditor Start(AuditOptions options, TimeProvider clock, ILogger log)
    {
        var outputs = new List<(IAuditOutput, AuditQueueOptions, AuditLogFormat)>();
        if (options.Log is { } file)
        {
            IAuditOutput output = file.Path == AuditLogOptions.StandardOutput
                ? new StandardOutput(Console.OpenStandardOutput())
                : new LogFile(file, clock, log);
            var queue = file.Queue with { MaxBatchBytes = (int)Math.Min(file.Queue.MaxBatchBytes, file.MaxBytes) };
            outputs.Add((output, queue, file.Format));
        }

        if (options.Webhook is { } webhook)
            outputs.Add((new Webhook(webhook, clock, log), webhook.Queue, AuditLogFormat.Json));
        return Start(
            new AuditPolicyFile(options.PolicyFile, clock, options.FileCheckInterval, log, options.PolicyReloads),
            new BodyFilters(options.Definitions), outputs, clock, log);
    }

    internal static Auditor Start(
        AuditPolicyFile policy, BodyFilters filters, IEnumerable<(IAuditOutput Output, AuditQueueOptions Queue, AuditLogFormat Format)> outputs,
        TimeProvider clock, ILogger log)
    {
        var counters = new AuditCounters();
        // Alerts need a count from the start on: an increase is seen only where there was a number before.
        counters.Failed(AuditCounters.Buffer, 0);
        return new Auditor(policy, filters, counters, clock, [.. outputs.Select(one =>
        {
            counters.Failed(one.Output.Name, 0);
            if (one.Queue.MaxEventBytes is not null)
                counters.Failed(AuditCounters.Truncation, 0);
            return (new AuditQueue(one.Output, one.Queue, counters, clock, log), one.Format);
        })]);
    }

    /// <summary>Writes what waits, for some seconds at most, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _policy.Dispose();
        foreach (var (queue, _) in _outputs)
            await queue.DisposeAsync();
    }

    /// <summary>What may be recorded of a request's objects; null: nothing that was sent.</summary>
    internal BodyFilter? FilterFor(RequestInfo info, AuditDecision decision) => _filters.For(info, decision.OmitManagedFields);

    /// <summary>What the policy asks for a request; null: nothing is recorded.</summary>
    /// <param name="info">What it is about.</param>
    /// <param name="user">Who presented the credentials.</param>
    internal AuditDecision? Decide(RequestInfo info, UserInfo user)
    {
        var decision = AuditRules.LevelFor(_policy.Current, info.QuestionFor(user));
        _counters.Level(decision.Level);
        return decision.Level == AuditLevel.None ? null : decision;
    }

    /// <summary>
    /// Hands an event for a stage to the outputs. The answer is whether the request may go on: false where it is not to be
    /// served unless its event is written, and it is not.
    /// </summary>
    internal async ValueTask<bool> RecordAsync(AuditEvent audit, AuditStages stage)
    {
        if ((audit.Decision.OmitStages & stage) != 0)
            return true;
        _counters.Event();
        var time = stage == AuditStages.RequestReceived ? audit.Received : _clock.GetUtcNow();
        AuditRecord? json = null;
        var goesOn = true;
        foreach (var (queue, format) in _outputs)
        {
            if (format == AuditLogFormat.Json && IsShort(queue, json ??= AuditEventWriter.Write(audit, stage, time)))
            {
                goesOn &= await queue.PutAsync(json);
                continue;
            }

            var own = format == AuditLogFormat.Legacy
                ? LegacyLine.Write(audit, stage)
                : AuditEventWriter.Write(audit, stage, time, withoutObjects: true);
            if (IsShort(queue, own))
                goesOn &= await queue.PutAsync(own);
            else
                _counters.Failed(AuditCounters.Truncation, 1);
            own.Release();
        }

        json?.Release();
        return goesOn;
    }

    /// <summary>Records the arrival of a request.</summary>
    /// <exception cref="ApiException">500: it is not to be served unless that is recorded.</exception>
    internal async ValueTask ReceivedAsync(AuditEvent audit)
    {
        if (await RecordAsync(audit, AuditStages.RequestReceived))
            return;
        _counters.Rejected();
        throw ApiException.Internal("failed to store audit event");
    }

    /// <summary>Writes metrics.</summary>
    internal void Write(PrometheusText text)
    {
        _counters.Write(text);
        text.Family("sealock_audit_queue_length", "gauge", "Audit events that wait for an output.");
        foreach (var (queue, _) in _outputs)
            text.Sample("sealock_audit_queue_length", queue.Length, ("plugin", queue.Name));
        text.Family("sealock_audit_queue_bytes", "gauge", "Bytes of the audit events that wait for an output or are being written to it.");
        foreach (var (queue, _) in _outputs)
            text.Sample("sealock_audit_queue_bytes", queue.Bytes, ("plugin", queue.Name));
    }

    private static bool IsShort(AuditQueue queue, AuditRecord record) =>
        queue.Options.MaxEventBytes is not { } most || record.Length <= most;
}
