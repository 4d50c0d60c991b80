// SPDX-License-Identifier: Apache-2.0
using Sealock.Acme.Client;
using Sealock.Acme.Keeping;
using Sealock.Hosting;
using Sealock.Pki.Paths;

namespace Sealock.Commands.Acme;

/// <summary>One ACME server with the account that is kept for it.</summary>
internal sealed class AcmeSession : IDisposable
{
    private readonly HttpClient _http;

    private AcmeSession(HttpClient http, AcmeClient client, KeptAccount account) => (_http, Client, Account) = (http, client, account);

    public AcmeClient Client { get; }

    public KeptAccount Account { get; }

    /// <summary>Opens it; nothing is sent yet.</summary>
    /// <param name="home">The folder that accounts are kept in.</param>
    /// <param name="server">The URL of the server's directory.</param>
    /// <param name="caFile">The CAs the server's own certificate must lead to; null for those of the system.</param>
    /// <param name="clock">The clock.</param>
    /// <exception cref="CommandException">The URL is not HTTPS, or the file cannot be used.</exception>
    public static AcmeSession Open(string home, string server, string? caFile, TimeProvider clock)
    {
        if (!Uri.TryCreate(server, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttps)
            throw new CommandException($"--server: '{server}' is not an HTTPS URL; name the server's directory, such as {ServerOptions.LetsEncrypt}", 2);
        var trust = PemFiles.Read(caFile ?? "the system's CAs", () => caFile is null ? SystemTrust.Load() : TrustPool.FromPem(File.ReadAllText(caFile)), exitCode: 2);
        if (trust.Certificates.Count == 0)
            throw new CommandException("this machine has no CAs to trust: install the package ca-certificates, or name a file with --ca-file");
        var http = new HttpClient(AcmeHttp.CreateHandler(() => trust, clock)) { Timeout = Timeout.InfiniteTimeSpan };
        try
        {
            var client = new AcmeClient(url, http, clock, new() { UserAgent = $"sealock/{ProductVersion.Short}" });
            return new(http, client, KeptAccount.Open(home, client, caFile));
        }
        catch
        {
            http.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Account.Dispose();
        _http.Dispose();
    }
}
