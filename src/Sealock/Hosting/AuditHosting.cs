// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Sealock.Api.Definitions;
using Sealock.Gateway.Audit;
using Sealock.Gateway.Metrics;
using Sealock.Settings;

namespace Sealock.Hosting;

/// <summary>The audit of a server as its settings say, and the connection to the webhook.</summary>
internal sealed class AuditHosting : IAsyncDisposable
{
    private readonly WebhookConnection? _webhook;

    private AuditHosting(Auditor auditor, WebhookConnection? webhook) => (Auditor, _webhook) = (auditor, webhook);

    /// <summary>Records requests.</summary>
    public Auditor Auditor { get; }

    /// <summary>Begins; null where nothing is to be audited.</summary>
    /// <param name="settings">What is recorded, and where.</param>
    /// <param name="definitions">What is served.</param>
    /// <param name="reloads">Counts policies and kubeconfigs that are read again.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="logger">Tells of events that are lost.</param>
    /// <exception cref="CommandException">The policy or the webhook's kubeconfig cannot be used.</exception>
    public static AuditHosting? Start(
        AuditSettings settings, ImmutableArray<ResourceDefinition> definitions, ReloadMetrics reloads, TimeProvider clock, ILogger logger)
    {
        if (settings.PolicyFile is not { } policy)
            return null;
        var webhook = settings.WebhookConfigFile is { } file
            ? new WebhookConnection(file, reloads.Of("audit_webhook", clock), clock, logger)
            : null;
        try
        {
            var auditor = Auditor.Start(
                new AuditOptions
                {
                    PolicyFile = policy,
                    Definitions = definitions,
                    PolicyReloads = reloads.Of("audit_policy", clock),
                    Log = settings.LogPath is { } path
                        ? settings.Log with { Path = path, Queue = settings.EffectiveLogQueue }
                        : null,
                    Webhook = webhook is null ? null : new AuditWebhookOptions
                    {
                        Target = webhook.Current,
                        InitialBackoff = settings.WebhookInitialBackoff,
                        Queue = settings.EffectiveWebhookQueue,
                    },
                },
                clock,
                logger);
            return new AuditHosting(auditor, webhook);
        }
        catch (Exception error) when (error is FormatException or IOException or UnauthorizedAccessException)
        {
            webhook?.Dispose();
            throw new CommandException(error.Message);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Auditor.DisposeAsync();
        _webhook?.Dispose();
    }
}
