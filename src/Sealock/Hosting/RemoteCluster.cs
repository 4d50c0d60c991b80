// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text;
using Sealock.Api.Client;
using Sealock.Api.Kubeconfigs;
using Sealock.Hosting.FrontDoor;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Paths;
using Sealock.Pki.Tls;

namespace Sealock.Hosting;

/// <summary>A cluster that a kubeconfig names, reached over HTTPS and verified against the CA in it.</summary>
internal sealed class RemoteCluster : IDisposable
{
    private readonly HttpClient _http;

    private RemoteCluster(HttpClient http, KubeconfigTarget target, string caPem) =>
        (_http, Target, CaPem, Client) = (http, target, caPem, new ApiClient(new HttpApiTransport(
            http, new Uri(target.Cluster.Server), Token(target))));

    /// <summary>What the kubeconfig says.</summary>
    public KubeconfigTarget Target { get; }

    /// <summary>The cluster's CA certificates in PEM.</summary>
    public string CaPem { get; }

    /// <summary>The certificate that the kubeconfig's user connects with; null where it has none.</summary>
    public Certificate? ClientCertificate { get; private init; }

    /// <summary>The pod's own namespace, where the pod's own account is used; else null.</summary>
    public string? PodNamespace { get; private init; }

    /// <summary>Speaks as the kubeconfig's user.</summary>
    public ApiClient Client { get; }

    /// <summary>Connects; nothing is sent yet.</summary>
    /// <param name="file">The kubeconfig; null: as kubectl finds it.</param>
    /// <param name="context">The context; null: the current one.</param>
    /// <param name="clock">The clock.</param>
    /// <exception cref="CommandException">The kubeconfig cannot be used.</exception>
    public static RemoteCluster Open(string? file, string? context, TimeProvider clock)
    {
        try
        {
            var paths = KubeconfigFiles.DefaultPaths(
                Environment.GetEnvironmentVariable("KUBECONFIG"), Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));
            var pod = file is null && !paths.Any(File.Exists) ? PodAccount.Kubeconfig() : null;
            var config = pod ?? (file is not null ? KubeconfigFiles.Read(file) : KubeconfigFiles.Load(paths));
            if (!config.TryResolve(context, out var target, out var error))
                throw new CommandException($"{error}. Name a kubeconfig with --kubeconfig, or set KUBECONFIG.");
            return Open(target, pod is null ? null : PodAccount.Namespace(), clock);
        }
        catch (Exception error) when (error is KubeconfigFileException or PkiFormatException or IOException or UriFormatException)
        {
            throw new CommandException(error.Message);
        }
    }

    /// <summary>A request that did not get through, in one line with the remedy.</summary>
    public CommandException Unreachable(HttpRequestException fault) => new(
        $"{Target.Cluster.Server} cannot be reached: {TransportFault.Tell(fault)}"
        + (fault.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
            ? "; is the server running, and its address in the kubeconfig right?" : ""));

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static RemoteCluster Open(KubeconfigTarget target, string? podNamespace, TimeProvider clock)
    {
        var (http, caPem) = Connection(target, clock);
        var certificate = Text(target.User?.ClientCertificateData ?? [], target.User?.ClientCertificate ?? "");
        return new RemoteCluster(http, target, caPem)
        {
            PodNamespace = podNamespace,
            ClientCertificate = certificate.Length == 0 ? null : Certificate.ListFromPem(certificate)[0],
        };
    }

    /// <summary>A connection to the server that a kubeconfig names, verified against the CA in it, and that CA.</summary>
    /// <exception cref="CommandException">The kubeconfig is not fit for it.</exception>
    internal static (HttpClient Http, string CaPem) Connection(KubeconfigTarget target, TimeProvider clock)
    {
        var server = new Uri(target.Cluster.Server);
        if (server.Scheme != Uri.UriSchemeHttps)
            throw new CommandException($"{target.Cluster.Server} is not HTTPS; nothing is sent over plain HTTP");
        if (target.Cluster.InsecureSkipTlsVerify)
            throw new CommandException("the kubeconfig skips verification (insecure-skip-tls-verify); give its certificate-authority-data instead");
        var login = target.User?.Exec is { } exec ? KeptLogins.Read(exec) : null;
        if (target.User?.Exec is not null && login is null)
            throw new CommandException("the kubeconfig's user needs an exec plugin, which is not supported; use a certificate or a token");
        if (target.User?.Username.Length > 0)
            throw new CommandException("the kubeconfig's user has a user name and password, which are not supported; use a certificate or a token");
        var caPem = Text(target.Cluster.CertificateAuthorityData, target.Cluster.CertificateAuthority);
        if (caPem.Length == 0 && login is null)
            throw new CommandException($"the kubeconfig has no certificate-authority-data for {target.Cluster.Server}; add it");
        var host = target.Cluster.TlsServerName.Length > 0 ? target.Cluster.TlsServerName : server.Host.Trim('[', ']');
        var certificate = Text(target.User?.ClientCertificateData ?? [], target.User?.ClientCertificate ?? "");
        var own = certificate.Length == 0
            ? null
            : ServingCertificate.FromPem(certificate, Text(target.User?.ClientKeyData ?? [], target.User?.ClientKey ?? ""));
        return (VerifiedHttp.Create(caPem.Length == 0 ? SystemTrust.Load() : TrustPool.FromPem(caPem), host, own, clock), caPem);
    }

    /// <summary>The bearer token that a kubeconfig names; null where there is none.</summary>
    internal static Func<CancellationToken, ValueTask<string?>>? Token(KubeconfigTarget target) => target.User switch
    {
        { Token.Length: > 0 } user => _ => ValueTask.FromResult<string?>(user.Token),
        { TokenFile.Length: > 0 } user => async cancel => (await File.ReadAllTextAsync(user.TokenFile, cancel)).Trim(),
        { Exec: { } exec } when KeptLogins.Read(exec) is { } login => _ => ValueTask.FromResult<string?>(
            KeptLogins.Own.Require(login.Server, login.User, TimeProvider.System.GetUtcNow()).Token),
        _ => null,
    };

    private static string Text(ImmutableArray<byte> data, string file) =>
        data.Length > 0 ? Encoding.UTF8.GetString(data.AsSpan()) : file.Length > 0 ? File.ReadAllText(file) : "";
}
