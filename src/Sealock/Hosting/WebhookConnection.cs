// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Sealock.Api.Kubeconfigs;
using Sealock.Gateway.Audit.Outputs;
using Sealock.Gateway.Files;
using Sealock.Gateway.Metrics;
using Sealock.Pki;

namespace Sealock.Hosting;

/// <summary>
/// The connection to the audit webhook that a kubeconfig names. The kubeconfig, and the files that it names, are read again when
/// they change; what cannot be used changes nothing.
/// </summary>
internal sealed partial class WebhookConnection : IDisposable
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(20);

    private readonly string _file;
    private readonly ReloadCount _reloads;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private WatchedFiles _watch;
    private Connection _current;
    private Connection? _next;

    /// <summary>Reads the kubeconfig.</summary>
    /// <exception cref="CommandException">It cannot be used.</exception>
    public WebhookConnection(string file, ReloadCount reloads, TimeProvider clock, ILogger log)
    {
        (_file, _reloads, _clock, _log) = (file, reloads, clock, log);
        _current = Open(file, clock);
        _watch = Watch(_current);
        _watch.Start();
    }

    /// <summary>What is wrong with a webhook's kubeconfig; null: nothing.</summary>
    public static string? Mistake(string file)
    {
        try
        {
            Open(file, TimeProvider.System).Http.Dispose();
            return null;
        }
        catch (CommandException error)
        {
            return error.Message;
        }
    }

    /// <summary>
    /// Where events are posted now. For one caller at a time, who has to ask again for each request: a connection that has been
    /// replaced is closed when it is asked for the next one.
    /// </summary>
    public AuditWebhookTarget Current()
    {
        if (Interlocked.Exchange(ref _next, null) is { } next)
        {
            _current.Http.Dispose();
            _current = next;
        }

        return _current.Target;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _watch.Dispose();
        Interlocked.Exchange(ref _next, null)?.Http.Dispose();
        _current.Http.Dispose();
    }

    private WatchedFiles Watch(Connection connection) => new(connection.Files, _clock, CheckInterval, Reload);

    private void Reload()
    {
        try
        {
            var next = Open(_file, _clock);
            Interlocked.Exchange(ref _next, next)?.Http.Dispose();
            _reloads.Note(taken: true);
            LogReplaced(next.Target.Address.GetLeftPart(UriPartial.Authority));

            // It may name other files than before.
            var before = _watch;
            _watch = Watch(next);
            before.Dispose();
            _watch.Start();
        }
        catch (CommandException error)
        {
            _reloads.Note(taken: false);
            LogKept(error.Message);
        }
    }

    private static Connection Open(string file, TimeProvider clock)
    {
        try
        {
            if (!KubeconfigFiles.Read(file).TryResolve(null, out var target, out var error))
                throw new CommandException($"{file}: {error}");
            var (http, _) = RemoteCluster.Connection(target, clock);
            var (cluster, user) = (target.Cluster, target.User);
            return new Connection(
                http,
                new AuditWebhookTarget(new Uri(cluster.Server), http, Token(target)),
                [.. new[] { file, cluster.CertificateAuthority, user?.ClientCertificate ?? "", user?.ClientKey ?? "" }.Where(path => path.Length > 0)]);
        }
        catch (Exception error) when (error is KubeconfigFileException or PkiFormatException or IOException
            or UnauthorizedAccessException or UriFormatException)
        {
            throw new CommandException(error.Message);
        }
    }

    /// <summary>A login that has ended is no reason to give a batch up: there may be another soon.</summary>
    private static Func<CancellationToken, ValueTask<string?>>? Token(KubeconfigTarget target)
    {
        if (RemoteCluster.Token(target) is not { } token)
            return null;
        return async cancellationToken =>
        {
            try
            {
                return await token(cancellationToken);
            }
            catch (CommandException error)
            {
                throw new IOException(error.Message);
            }
        };
    }

    private sealed record Connection(HttpClient Http, AuditWebhookTarget Target, ImmutableArray<string> Files);

    [LoggerMessage(LogLevel.Information, "The audit webhook's kubeconfig was read again: events go to {Address} now")]
    private partial void LogReplaced(string address);

    [LoggerMessage(LogLevel.Error, "The connection to the audit webhook stays, for its changed kubeconfig cannot be used: {Why}")]
    private partial void LogKept(string why);
}
