// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;
using Sealock.Acme.Client;
using Sealock.Acme.Dns;
using Sealock.Acme.Solvers;
using Sealock.Pki;
using Sealock.Pki.Paths;

namespace Sealock.Acme.Keeping;

/// <summary>What answers challenges as settings say: listeners are open while it lives.</summary>
internal sealed class SolverSet : IAsyncDisposable
{
    private readonly List<IChallengeSolver> _solvers = [];
    private HttpClient? _http;

    private SolverSet()
    {
    }

    /// <summary>The solvers in the order in which they are preferred: what needs nothing but this process first.</summary>
    public IReadOnlyList<IChallengeSolver> Solvers => _solvers;

    /// <summary>Opens what the settings name.</summary>
    /// <exception cref="KeepingException">An address cannot be bound, or a file with a secret cannot be read.</exception>
    public static async Task<SolverSet> OpenAsync(CertificateSettings settings, DnsResolver resolver, TimeProvider clock)
    {
        var set = new SolverSet();
        try
        {
            if (settings.TlsAlpn01 is { } tls)
                set._solvers.Add(Bound(tls, 443, "--tls-alpn-01", address => TlsAlpn01Listener.Start(address, clock)));
            if (settings.Http01 is { } http)
                set._solvers.Add(Bound(http, 80, "--http-01", address => Http01Listener.Start(address, clock)));
            if (settings.Dns01 is { } dns)
            {
                set._solvers.Add(new Dns01Solver(
                    set.Provider(dns, clock), resolver, new(resolver), clock, new() { WaitForPropagation = !dns.NoWait }));
            }

            return set;
        }
        catch
        {
            await set.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var listener in _solvers.OfType<IAsyncDisposable>())
            await listener.DisposeAsync();
        _http?.Dispose();
    }

    private IDnsProvider Provider(DnsSettings dns, TimeProvider clock)
    {
        try
        {
            switch (dns.Provider)
            {
                case "rfc2136":
                    if (!DnsResolver.TryParseServer(dns.Server ?? "", out var server))
                        throw new KeepingException($"'{dns.Server}' is no DNS server: give the primary server's address, such as 192.0.2.53");
                    var key = dns.TsigSecretFile is { } file ? new TsigKey(dns.TsigName ?? "", dns.TsigAlgorithm ?? "hmac-sha256", Secret(file)) : null;
                    return new Rfc2136Provider(server, key, clock, dns.Zone);
                case "exec":
                    return new ExecProvider(dns.Program ?? "", clock);
                default:
                    var trust = dns.WebhookCaFile is { } ca ? TrustPool.FromPem(File.ReadAllText(ca)) : SystemTrust.Load();
                    _http = new(AcmeHttp.CreateHandler(() => trust, clock));
                    return new WebhookProvider(
                        new(dns.Webhook ?? ""), _http, clock, dns.WebhookTokenFile is { } token ? () => Secret(token) : null);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or DnsFormatException or PkiFormatException or UriFormatException)
        {
            var why = fault is FileNotFoundException { FileName: { } missing } ? $"{missing} does not exist" : fault.Message;
            throw new KeepingException($"dns-01 cannot be set up: {why}", fault);
        }
    }

    private static string Secret(string file) => File.ReadAllText(file).Trim();

    private static T Bound<T>(string text, int port, string option, Func<IPEndPoint, T> start)
    {
        if (!ListenAddress.TryParse(text, port, out var address))
            throw new KeepingException($"{option}: '{text}' is no address to listen on; write it like :{port} or 192.0.2.1:{port}");
        try
        {
            return start(address);
        }
        catch (SocketException error)
        {
            var remedy = error.SocketErrorCode == SocketError.AccessDenied
                ? "run as root, give the program the capability cap_net_bind_service, or listen elsewhere and forward the port (--forwarded)"
                : "stop what listens there, or listen elsewhere and forward the port (--forwarded)";
            throw new KeepingException($"{option}: {address} cannot be bound ({error.Message}): {remedy}", error);
        }
    }
}
