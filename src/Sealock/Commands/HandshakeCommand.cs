// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Net;
using System.Security.Authentication;
using Sealock.Api.Objects;
using Sealock.Cluster.Handshakes;
using Sealock.Hosting;
using Sealock.Pki;
using Sealock.Pki.Keys;
using Sealock.Pki.Paths;
using Sealock.Pki.Tls;

namespace Sealock.Commands;

/// <summary><c>sealock handshake</c>: a TLS handshake with any server, told step by step and judged.</summary>
internal static class HandshakeCommand
{
    private static readonly Argument<string> Target = new("HOST:PORT") { Description = "the server: host:port, [IPv6]:port, or an https URL (port 443 where none is given)" };
    private static readonly Option<string> Cert = new("--cert") { Description = "client certificate (PEM, intermediates behind it), sent where the server asks for one", HelpName = "FILE" };
    private static readonly Option<string> Key = new("--key") { Description = "its key (default: in the same file)", HelpName = "FILE" };
    private static readonly Option<string> Passphrase = CommonOptions.PassphraseFile();
    private static readonly Option<string> CaCert = new("--cacert") { Description = "CA certificates to verify the server against (default: it is not verified)", HelpName = "FILE" };
    private static readonly Option<string> ServerName = new("--servername") { Description = "server name to send (SNI) and to expect in the certificate (default: the host)", HelpName = "NAME" };
    private static readonly Option<bool> NoServerName = new("--no-servername", "--plain-sni-off") { Description = "send no server name (SNI)" };
    private static readonly Option<string[]> Alpn = new("--alpn") { Description = "application protocols to offer, such as h2,http/1.1", HelpName = "NAMES" };
    private static readonly Option<string> TlsMin = new("--tls-min") { Description = "lowest version to offer: 1.0, 1.1, 1.2 or 1.3", HelpName = "VERSION", DefaultValueFactory = _ => "1.2" };
    private static readonly Option<string> TlsMax = new("--tls-max") { Description = "highest version to offer", HelpName = "VERSION", DefaultValueFactory = _ => "1.3" };
    private static readonly Option<string> ConnectTimeout = new("--connect-timeout") { Description = "how long the connection may take", HelpName = "TIME", DefaultValueFactory = _ => "5s" };
    private static readonly Option<string> HandshakeTimeout = new("--timeout") { Description = "how long the handshake may take", HelpName = "TIME", DefaultValueFactory = _ => "10s" };
    private static readonly Option<string> AnswerWait = new("--answer-wait") { Description = "how long to wait, in TLS 1.3, if the server refuses the client certificate after the handshake", HelpName = "TIME", DefaultValueFactory = _ => "1s" };
    private static readonly Option<bool> NoResumption = new("--no-resumption") { Description = "do not try, by two more connections, if sessions are resumed" };
    private static readonly Option<string> Output = OutputFormat.Option();

#pragma warning disable CA5397, CS0618, SYSLIB0039 // Old versions can be offered, to look at old servers.
    private static readonly (string Name, SslProtocols Version)[] Versions =
        [("1.0", SslProtocols.Tls), ("1.1", SslProtocols.Tls11), ("1.2", SslProtocols.Tls12), ("1.3", SslProtocols.Tls13)];
#pragma warning restore CA5397, CS0618, SYSLIB0039

    public static Command Create()
    {
        var command = new ExampleCommand(
            "handshake",
            "Make a TLS handshake with a server and tell it step by step",
            "sealock handshake kubemaster:6443 --cacert ca.crt",
            "sealock handshake kubemaster:6443 --cacert ca.crt --cert admin.crt --key admin.key",
            "sealock handshake 10.0.0.1:2379 --servername etcd-1 --alpn h2 --tls-max 1.2 -o json")
        {
            Target, CaCert, Cert, Key, Passphrase, ServerName, NoServerName, Alpn, TlsMin, TlsMax, ConnectTimeout, HandshakeTimeout,
            AnswerWait, NoResumption, Output,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var mistakes = new List<string>();
        var endpoint = Endpoint(result, mistakes);
        var trusted = Load(CaCert, result.GetValue(CaCert), mistakes, TrustPool.FromPem);
        using var own = OwnCertificate(result, mistakes);
        if (mistakes.Count > 0)
            throw CommandException.Usage(mistakes);
        var report = await Handshaker.TellAsync(
            new()
            {
                Endpoint = endpoint with { ClientCertificate = own },
                Trusted = trusted,
                TryResumption = !result.GetValue(NoResumption),
            },
            TimeProvider.System, cancellationToken);
        var output = result.InvocationConfiguration.Output;
        if (result.GetValue(Output) is "json" or "yaml")
            HandshakeDocument.Write(output, report, result.GetValue(Output) == "yaml");
        else
            new HandshakePage(output, Terminal.Current()).Write(report);
        return report.Succeeded ? 0 : 1;
    }

    private static EndpointQuestion Endpoint(ParseResult result, List<string> mistakes)
    {
        var text = result.GetRequiredValue(Target);
        if (!HostAndPort.TryParse(text, out var target))
            mistakes.Add($"\"{text}\" is not HOST:PORT; write it like kubemaster:6443, [::1]:6443 or https://kubemaster:6443");
        if (result.GetValue(ServerName) is { } name)
        {
            if (result.GetValue(NoServerName))
                mistakes.Add("--servername and --no-servername exclude each other; leave one out");
            if (!IPAddress.TryParse(name, out _) && !HostNames.IsValidDnsName(name.TrimEnd('.'), allowWildcard: false))
                mistakes.Add($"--servername: \"{name}\" is no host name");
        }

        var protocols = (result.GetValue(Alpn) ?? []).SelectMany(list => list.Split(',', StringSplitOptions.TrimEntries)).ToList();
        if (protocols.Exists(protocol => protocol.Length is 0 or > 255 || !protocol.All(char.IsAscii)))
            mistakes.Add("--alpn: give names such as h2 or http/1.1, separated by commas");
        var versions = VersionsOf(result, mistakes);
        var (connect, handshake) = (Time(result, ConnectTimeout, mistakes), Time(result, HandshakeTimeout, mistakes));
        var wait = Time(result, AnswerWait, mistakes, atLeast: TimeSpan.Zero);
        return new()
        {
            Host = target.Host,
            Port = target.Port,
            ServerName = result.GetValue(NoServerName) ? "" : result.GetValue(ServerName),
            ApplicationProtocols = protocols,
            Versions = versions,
            ConnectTimeout = connect,
            Timeout = handshake,
            AnswerWait = wait,
        };
    }

    private static SslProtocols VersionsOf(ParseResult result, List<string> mistakes)
    {
        var (min, max) = (Index(result, TlsMin, mistakes), Index(result, TlsMax, mistakes));
        if (min >= 0 && max >= 0 && min > max)
            mistakes.Add("--tls-min is higher than --tls-max; exchange them");
        return min < 0 || max < min ? SslProtocols.None : Versions[min..(max + 1)].Aggregate(SslProtocols.None, (all, one) => all | one.Version);
    }

    private static int Index(ParseResult result, Option<string> option, List<string> mistakes)
    {
        var text = result.GetRequiredValue(option);
        var index = Array.FindIndex(Versions, version => version.Name == text || "TLS" + version.Name == text || "VersionTLS" + version.Name.Replace(".", "", StringComparison.Ordinal) == text);
        if (index < 0)
            mistakes.Add($"{option.Name}: \"{text}\" is no version; there are {string.Join(", ", Versions.Select(version => version.Name))}");
        return index;
    }

    private static TimeSpan Time(ParseResult result, Option<string> option, List<string> mistakes, TimeSpan? atLeast = null)
    {
        if (GoDuration.TryParse(result.GetRequiredValue(option), out var time) && time >= (atLeast ?? TimeSpan.FromMilliseconds(1)) && time <= TimeSpan.FromHours(1))
            return time;
        mistakes.Add($"{option.Name}: give a time such as 5s, at most 1h");
        return TimeSpan.Zero;
    }

    private static ServingCertificate? OwnCertificate(ParseResult result, List<string> mistakes)
    {
        var certificateFile = result.GetValue(Cert);
        if (certificateFile is null && result.GetValue(Key) is not null)
            mistakes.Add("--key: give the certificate, too, with --cert");
        if (certificateFile is null)
            return null;
        var keyFile = result.GetValue(Key) ?? certificateFile;
        var passphrase = CommonOptions.ReadPassphrase(result.GetValue(Passphrase));
        var certificates = Load(Cert, certificateFile, mistakes, TrustPool.FromPem)?.Certificates;
        using var pair = Load(Key, keyFile, mistakes, text => KeyPair.FromPem(text, passphrase));
        if (certificates is null || pair is null)
            return null;
        try
        {
            return ServingCertificate.Create(certificates, pair);
        }
        catch (PkiFormatException error)
        {
            mistakes.Add($"--key: {keyFile} and --cert {certificateFile} do not go together: {error.Message}; give the key from which that certificate was made");
            return null;
        }
    }

    /// <summary>Reads a file; what is wrong with it becomes a mistake that names option and file.</summary>
    private static T? Load<T>(Option<string> option, string? file, List<string> mistakes, Func<string, T> read)
        where T : class
    {
        if (file is null)
            return null;
        try
        {
            return PemFiles.Read(file, () => read(File.ReadAllText(file)));
        }
        catch (CommandException error)
        {
            mistakes.Add($"{option.Name}: {error.Message}");
            return null;
        }
    }
}
