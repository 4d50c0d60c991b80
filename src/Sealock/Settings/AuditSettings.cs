// SPDX-License-Identifier: Apache-2.0
using Sealock.Gateway.Audit;

namespace Sealock.Settings;

/// <summary>What a server audits, and where to.</summary>
internal sealed record AuditSettings
{
    /// <summary>The policy; null: nothing is audited.</summary>
    public string? PolicyFile { get; init; }

    /// <summary>The log file, <c>-</c> for standard output; null: none.</summary>
    public string? LogPath { get; init; }

    /// <summary>How the log file is written; its path stands in <see cref="LogPath"/>.</summary>
    public AuditLogOptions Log { get; init; } = new() { Path = "" };

    /// <summary>A kubeconfig that names the webhook; null: none.</summary>
    public string? WebhookConfigFile { get; init; }

    /// <summary>Wait before events are sent to the webhook again.</summary>
    public TimeSpan WebhookInitialBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How events reach the webhook.</summary>
    public AuditQueueOptions WebhookQueue { get; init; } =
        new() { MaxBatchWait = TimeSpan.FromSeconds(30), BatchesPerSecond = DefaultRate };

    /// <summary>Whether batches for the log are throttled.</summary>
    public bool LogThrottled { get; init; }

    /// <summary>Whether batches for the webhook are throttled.</summary>
    public bool WebhookThrottled { get; init; } = true;

    /// <summary>Whether too large events are shortened for the log.</summary>
    public bool LogTruncated { get; init; }

    /// <summary>Whether too large events are shortened for the webhook.</summary>
    public bool WebhookTruncated { get; init; }

    /// <summary>Batches a second, where they are throttled and nothing else is said.</summary>
    public const double DefaultRate = 10;

    /// <summary>Bytes of an event, where it is shortened and nothing else is said.</summary>
    public const int DefaultEventBytes = 100 * 1024;

    /// <summary>The queue of the log, with what is switched off taken out.</summary>
    public AuditQueueOptions EffectiveLogQueue => Effective(Log.Queue, LogThrottled, LogTruncated);

    /// <summary>The queue of the webhook, with what is switched off taken out.</summary>
    public AuditQueueOptions EffectiveWebhookQueue => Effective(WebhookQueue, WebhookThrottled, WebhookTruncated);

    private static AuditQueueOptions Effective(AuditQueueOptions queue, bool throttled, bool truncated) => queue with
    {
        // Where requests wait for their events nothing is held back for the sake of a larger batch.
        MaxBatchWait = queue.Mode == AuditMode.Batch ? queue.MaxBatchWait : TimeSpan.Zero,
        BatchesPerSecond = queue.Mode == AuditMode.Batch && throttled ? queue.BatchesPerSecond ?? DefaultRate : null,
        MaxEventBytes = truncated ? queue.MaxEventBytes ?? DefaultEventBytes : null,
    };
}
