// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Sealock.Api.Kubeconfigs;
using Sealock.Gateway.Listener;
using Sealock.Pki.Issuing;
using Sealock.Settings;

namespace Sealock.Hosting;

/// <summary>
/// Which certificates a server serves and accepts: the user's files, or those made in the data folder, which are renewed
/// here while the server runs. The front door watches the files.
/// </summary>
internal sealed partial class ServingCertificates : IAsyncDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromHours(6);

    private readonly ServerSettings _settings;
    private readonly ClusterCertificates _own;
    private readonly ILogger _logger;
    private readonly TimeProvider _clock;
    private readonly ITimer? _timer;
    private volatile string? _adminUrl;

    /// <summary>Makes what is missing.</summary>
    /// <exception cref="CommandException">The data folder or what is in it cannot be used.</exception>
    public ServingCertificates(ServerSettings settings, TimeProvider clock, ILogger logger)
    {
        _settings = settings;
        _logger = logger;
        _clock = clock;
        Folder = new DataFolder(settings.DataDirectory);
        Folder.Create();
        _own = new ClusterCertificates(Folder, clock);
        if (settings.ServiceAccountSigningKeyFile is null)
            _own.EnsureServiceAccountKey();
        if (settings.ServingCertificate is null || settings.ClientCaFile is null)
            Authority = _own.Authority();
        Renew();
        if (settings.ServingCertificate is null)
            _timer = clock.CreateTimer(_ => Look(), null, LookEvery, LookEvery);
        Files = new ServingFiles
        {
            CertificateFile = settings.ServingCertificate?.CertificateFile ?? Folder.ServingCertificate,
            KeyFile = settings.ServingCertificate?.KeyFile ?? Folder.ServingKey,
            Sni = [.. settings.NamedCertificates.Select(named =>
                new SniFiles(named.Files.CertificateFile, named.Files.KeyFile, [.. named.Names]))],
            ClientCaFile = settings.ClientCaFile ?? Folder.CaCertificate,
            ServingCaFile = settings.RootCaFile ?? (settings.ServingCertificate is null ? Folder.CaCertificate : settings.ClientCaFile),
        };
    }

    /// <summary>The data folder.</summary>
    public DataFolder Folder { get; }

    /// <summary>The CA made here; null where the user's files stand in for all that it would do.</summary>
    public CertificateAuthority? Authority { get; }

    /// <summary>Where the front door reads.</summary>
    public ServingFiles Files { get; }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _timer?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Makes the administrator's kubeconfig for this URL where that is due, now and as long as the server runs.</summary>
    public void KeepAdminAccess(string url)
    {
        _adminUrl = url;
        EnsureAdminAccess();
    }

    private void EnsureAdminAccess()
    {
        if (Authority is not null && _adminUrl is { } url)
            AdminAccess.Ensure(Folder, Authority, url, _clock);
    }

    private void Look()
    {
        Renew();
        try
        {
            EnsureAdminAccess();
        }
        catch (Exception fault) when (fault is KubeconfigFileException or CommandException)
        {
            LogAdminFailed(fault.Message);
        }
    }

    private void Renew()
    {
        if (_settings.ServingCertificate is not null || Authority is null)
            return;
        try
        {
            if (_own.EnsureServing(Authority, ClusterCertificates.UsualNames(_settings.Listen, _settings.HostNames)) is { } reason)
                LogMade(Folder.ServingCertificate, reason);
        }
        catch (Exception fault) when (_timer is not null && (fault is IOException or UnauthorizedAccessException or CommandException))
        {
            LogFailed(fault.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "made the serving certificate {File}: {Reason}")]
    private partial void LogMade(string file, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "the serving certificate could not be renewed and will be tried again: {Reason}")]
    private partial void LogFailed(string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "the administrator's kubeconfig could not be renewed and will be tried again: {Reason}")]
    private partial void LogAdminFailed(string reason);
}
