// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Sealock.Api.Kubeconfigs;
using Sealock.Gateway.Listener;
using Sealock.Pki.Issuing;
using Sealock.Pki.Paths;
using Sealock.Pki.Tls;
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
    private readonly Lock _renewing = new();
    private IReadOnlyList<string> _hostNames;
    private bool _hostNamesAreAll;
    private string? _setUpAs;
    private string? _localUrl;

    /// <summary>Makes what is missing.</summary>
    /// <exception cref="CommandException">The data folder or what is in it cannot be used.</exception>
    public ServingCertificates(ServerSettings settings, TimeProvider clock, ILogger logger)
    {
        _settings = settings;
        _hostNames = settings.HostNames;
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
        if (Authority is not null)
            _timer = clock.CreateTimer(_ => Look(), null, LookEvery, LookEvery);
        Files = new ServingFiles
        {
            CertificateFile = settings.ServingCertificate?.CertificateFile ?? Folder.ServingCertificate,
            KeyFile = settings.ServingCertificate?.KeyFile ?? Folder.ServingKey,
            StandIn = settings.ServingCertificate is not null && Authority is not null
                ? new SniFiles(Folder.ServingCertificate, Folder.ServingKey, []) : null,
            Sni = [.. settings.NamedCertificates.Select(named =>
                new SniFiles(named.Files.CertificateFile, named.Files.KeyFile, [.. named.Names]))],
            ClientCaFile = settings.ClientCaFile ?? Folder.CaCertificate,
            ServingCaFile = settings.ExternalCaFile ?? (settings.ServingCertificate is null
                ? settings.RootCaFile ?? Folder.CaCertificate
                : settings.ServingCaFile ?? settings.RootCaFile ?? settings.ClientCaFile),
            MustLeadToServingCa = settings is { ServingCertificate: not null, ServingCaFile: not null, ExternalCaFile: null },
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

    /// <summary>Makes a certificate for a name by which the server was reached; null where there is no CA to do it.</summary>
    public ServingCertificateMaker? OnTheFly =>
        Authority is { } authority ? (name, clientAuthorities) => Make(authority, name, clientAuthorities) : null;

    /// <summary>
    /// From now on the certificate made here has these names beside the usual ones, and no others.
    /// </summary>
    /// <param name="hostNames">Names and addresses.</param>
    /// <param name="setUpAs">The host name of the server; null before its set-up.</param>
    public void Serve(IReadOnlyList<string> hostNames, string? setUpAs)
    {
        lock (_renewing)
        {
            (_hostNames, _hostNamesAreAll) = (hostNames, true);
            _setUpAs = _settings.TlsMode == TlsMode.SelfSigned ? setUpAs : null;
        }

        Look();
    }

    /// <summary>Makes the administrator's kubeconfig where that is due, now and as long as the server runs.</summary>
    /// <param name="localUrl">The URL of this server on this machine.</param>
    public void KeepAdminAccess(string localUrl)
    {
        _localUrl = localUrl;
        EnsureAdminAccess();
    }

    private ServingCertificate Make(CertificateAuthority authority, string name, TrustPool? clientAuthorities) =>
        _own.MakeOnTheFly(authority, name, clientAuthorities);

    private void EnsureAdminAccess()
    {
        lock (_renewing)
        {
            if (Authority is not null && _localUrl is { } url)
            {
                var known = _settings.ServingCertificate is not null && _settings.ServingCaFile is { } file ? File.ReadAllText(file) : "";
                AdminAccess.Ensure(Folder, Authority, new AdminUrls(url, _setUpAs), known, _clock);
            }
        }
    }

    private void Look()
    {
        Renew();
        try
        {
            EnsureAdminAccess();
        }
        catch (Exception fault) when (fault is KubeconfigFileException or CommandException or IOException or UnauthorizedAccessException)
        {
            LogAdminFailed(fault.Message);
        }
    }

    private void Renew()
    {
        if (Authority is null)
            return;
        try
        {
            lock (_renewing)
            {
                // Beside a certificate of the user's it stands in on this machine and inside of the cluster alone.
                var standsIn = _settings.ServingCertificate is not null;
                var names = ClusterCertificates.UsualNames(_settings.Listen, standsIn ? [] : _hostNames);
                if (_own.EnsureServing(Authority, names, standsIn || _hostNamesAreAll) is { } reason)
                    LogMade(Folder.ServingCertificate, reason);
            }
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
