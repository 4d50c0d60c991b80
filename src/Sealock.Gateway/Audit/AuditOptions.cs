// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Sealock.Api.Definitions;
using Sealock.Gateway.Audit.Outputs;
using Sealock.Gateway.Metrics;

namespace Sealock.Gateway.Audit;

/// <summary>What is audited, and where events go.</summary>
public sealed record AuditOptions
{
    /// <summary>The policy's file (audit.k8s.io/v1), read again when it changes.</summary>
    public required string PolicyFile { get; init; }

    /// <summary>What is served: its definitions say which fields are secret. Of what is none of them nothing that is sent is recorded.</summary>
    public required ImmutableArray<ResourceDefinition> Definitions { get; init; }

    /// <summary>The log file; null for none.</summary>
    public AuditLogOptions? Log { get; init; }

    /// <summary>The webhook; null for none.</summary>
    public AuditWebhookOptions? Webhook { get; init; }

    /// <summary>Where it is counted that the policy is read again; null: nowhere.</summary>
    public ReloadCount? PolicyReloads { get; init; }

    /// <summary>How often the policy's file is looked at, beside file system notifications.</summary>
    public TimeSpan FileCheckInterval { get; init; } = TimeSpan.FromSeconds(20);
}

/// <summary>How requests and an output go together (kube-apiserver's <c>--audit-…-mode</c>).</summary>
public enum AuditMode
{
    /// <summary>Requests do not wait; an event for which there is no room is dropped and counted.</summary>
    Batch,

    /// <summary>A request waits until its event is written; that it cannot be written changes nothing.</summary>
    Blocking,

    /// <summary>The same, but a request whose arrival cannot be written is answered 500 and not served.</summary>
    BlockingStrict,
}

/// <summary>How events reach an output.</summary>
public sealed record AuditQueueOptions
{
    /// <summary>How requests and output go together.</summary>
    public AuditMode Mode { get; init; } = AuditMode.Batch;

    /// <summary>Events that wait at most.</summary>
    public int BufferSize { get; init; } = 10_000;

    /// <summary>Events that are written together at most.</summary>
    public int MaxBatchSize { get; init; } = 400;

    /// <summary>How long a batch waits to become full.</summary>
    public TimeSpan MaxBatchWait { get; init; } = TimeSpan.Zero;

    /// <summary>Batches a second at most; null: no limit.</summary>
    public double? BatchesPerSecond { get; init; }

    /// <summary>Batches at once, where few were written before.</summary>
    public int BatchBurst { get; init; } = 15;

    /// <summary>Bytes of one batch at most, unless it is a single event.</summary>
    public int MaxBatchBytes { get; init; } = 10 * 1024 * 1024;

    /// <summary>
    /// Bytes of one event at most: a larger one loses its objects, and is dropped if that does not help. Null: no limit.
    /// </summary>
    public int? MaxEventBytes { get; init; }
}

/// <summary>Forms of an event in a log.</summary>
public enum AuditLogFormat
{
    /// <summary>The whole event as JSON.</summary>
    Json,

    /// <summary>One line of text with some of it.</summary>
    Legacy,
}

/// <summary>The log file and how it is kept small.</summary>
public sealed record AuditLogOptions
{
    /// <summary>The path that stands for standard output.</summary>
    public const string StandardOutput = "-";

    /// <summary>The file; <see cref="StandardOutput"/> for standard output.</summary>
    public required string Path { get; init; }

    /// <summary>Form of the lines.</summary>
    public AuditLogFormat Format { get; init; }

    /// <summary>Bytes after which the file is put aside and a new one begun.</summary>
    public long MaxBytes { get; init; } = 100L * 1024 * 1024;

    /// <summary>Files put aside that are kept; 0: all.</summary>
    public int MaxBackups { get; init; }

    /// <summary>How long files put aside are kept; zero: as long as there is room.</summary>
    public TimeSpan MaxAge { get; init; }

    /// <summary>Whether files put aside are compressed.</summary>
    public bool Compress { get; init; }

    /// <summary>How events reach it.</summary>
    public AuditQueueOptions Queue { get; init; } = new() { Mode = AuditMode.Blocking };
}

/// <summary>The webhook that events are posted to.</summary>
public sealed record AuditWebhookOptions
{
    /// <summary>Tells where it is, and how it is reached; asked before each request, by one at a time.</summary>
    public required Func<AuditWebhookTarget> Target { get; init; }

    /// <summary>Wait before the first retry.</summary>
    public TimeSpan InitialBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How events reach it.</summary>
    public AuditQueueOptions Queue { get; init; } =
        new() { MaxBatchWait = TimeSpan.FromSeconds(30), BatchesPerSecond = 10 };
}
