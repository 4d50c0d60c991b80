// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Sealock.Api.Kubeconfigs;
using Sealock.Gateway.Audit;
using Sealock.Gateway.Audit.Outputs;
using Sealock.Gateway.Metrics;
using Sealock.Pki;
using Sealock.Settings;

namespace Sealock.Hosting;

/// <summary>The audit of a server as its settings say, and the connection to the webhook.</summary>
internal sealed class AuditHosting : IAsyncDisposable
{
    private readonly HttpClient? _webhook;

    private AuditHosting(Auditor auditor, HttpClient? webhook) => (Auditor, _webhook) = (auditor, webhook);

    /// <summary>Records requests.</summary>
    public Auditor Auditor { get; }

    /// <summary>Begins; null where nothing is to be audited.</summary>
    /// <exception cref="CommandException">The policy or the webhook's kubeconfig cannot be used.</exception>
    public static AuditHosting? Start(AuditSettings settings, ReloadMetrics reloads, TimeProvider clock, ILogger logger)
    {
        if (settings.PolicyFile is not { } policy)
            return null;
        var (http, target) = settings.WebhookConfigFile is { } file ? Webhook(file, clock) : default;
        try
        {
            var auditor = Auditor.Start(
                new AuditOptions
                {
                    PolicyFile = policy,
                    PolicyReloads = reloads.Of("audit_policy", clock),
                    Log = settings.LogPath is { } path
                        ? settings.Log with { Path = path, Queue = settings.EffectiveLogQueue }
                        : null,
                    Webhook = target is null ? null : new AuditWebhookOptions
                    {
                        Target = target,
                        InitialBackoff = settings.WebhookInitialBackoff,
                        Queue = settings.EffectiveWebhookQueue,
                    },
                },
                clock,
                logger);
            return new AuditHosting(auditor, http);
        }
        catch (Exception error) when (error is FormatException or IOException or UnauthorizedAccessException)
        {
            http?.Dispose();
            throw new CommandException(error.Message);
        }
    }

    /// <summary>What is wrong with a webhook's kubeconfig; null: nothing.</summary>
    public static string? WebhookMistake(string file)
    {
        try
        {
            Webhook(file, TimeProvider.System).Http.Dispose();
            return null;
        }
        catch (CommandException error)
        {
            return error.Message;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Auditor.DisposeAsync();
        _webhook?.Dispose();
    }

    private static (HttpClient Http, AuditWebhookTarget? Target) Webhook(string file, TimeProvider clock)
    {
        try
        {
            if (!KubeconfigFiles.Read(file).TryResolve(null, out var target, out var error))
                throw new CommandException($"{file}: {error}");
            var (http, _) = RemoteCluster.Connection(target, clock);
            return (http, new AuditWebhookTarget(new Uri(target.Cluster.Server), http, RemoteCluster.Token(target)));
        }
        catch (Exception error) when (error is KubeconfigFileException or PkiFormatException or IOException
            or UnauthorizedAccessException or UriFormatException)
        {
            throw new CommandException(error.Message);
        }
    }
}
