// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Sealock.Hosting;
using Sealock.Hosting.FrontDoor;
using Sealock.Pki.Certificates;
using Sealock.Pki.Paths;

namespace Sealock.Commands.FrontDoor;

/// <summary>Which server, and how to know it: <c>--server</c>, <c>--ca</c>, <c>--ca-sha256</c>.</summary>
internal sealed class ServerOptions
{
    public Option<string> Server { get; } = new("--server") { Description = "URL of the server, such as https://k8s.example.com:6443", HelpName = "URL" };

    public Option<string> Ca { get; } = new("--ca") { Description = "CA of the server, PEM (default: the CAs of this machine)", HelpName = "FILE" };

    public Option<string> CaSha256 { get; } = new("--ca-sha256") { Description = "SHA-256 of the server's CA instead, as the server prints it", HelpName = "HEX" };

    /// <summary>What is wrong with them.</summary>
    public IEnumerable<string> Mistakes(ParseResult result)
    {
        if (result.GetValue(Server) is { } server
            && !(Uri.TryCreate(server, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps && url.AbsolutePath == "/"))
            yield return $"--server: \"{server}\" is not an HTTPS URL; write it like https://k8s.example.com:6443";
        if (result.GetValue(Ca) is not null && result.GetValue(CaSha256) is not null)
            yield return "--ca-sha256: it does not go together with --ca";
        if (result.GetValue(CaSha256) is { } sha256 && !(Plain(sha256) is { Length: 64 } plain && plain.All(char.IsAsciiHexDigit)))
            yield return "--ca-sha256: give 64 hexadecimal digits, as the server prints them";
    }

    /// <summary>The server's URL without a slash at its end; null where it was not given.</summary>
    public string? Url(ParseResult result) => result.GetValue(Server)?.TrimEnd('/');

    /// <summary>The CAs by which the server is verified, PEM; empty: those of this machine.</summary>
    /// <exception cref="CommandException">They cannot be read, or the server's CA is another.</exception>
    public async Task<string> TrustAsync(ParseResult result, string url, CancellationToken cancellationToken)
    {
        if (result.GetValue(Ca) is { } file)
            return PemFiles.Read(file, () => TrustPool.FromPem(File.ReadAllText(file)).ToPem());
        if (result.GetValue(CaSha256) is { } sha256)
            return (await ServerConnection.FetchCaAsync(new Uri(url), Plain(sha256), cancellationToken)).ToPem();
        return "";
    }

    /// <summary>Connects with such CAs.</summary>
    public static ServerConnection Connect(string url, string caPem, TimeProvider clock) =>
        ServerConnection.Open(new Uri(url), caPem.Length > 0 ? new TrustPool(Certificate.ListFromPem(caPem)) : SystemTrust.Load(), clock);

    private static string Plain(string hex) => hex.Replace(":", "", StringComparison.Ordinal).ToLowerInvariant();
}
