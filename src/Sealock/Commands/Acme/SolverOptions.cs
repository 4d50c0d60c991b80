// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Sealock.Acme.Dns;
using Sealock.Acme.Keeping;
using Sealock.Acme.Messages;
using Sealock.Acme.Solvers;
using Sealock.Hosting;

namespace Sealock.Commands.Acme;

/// <summary>How control of the names is proven.</summary>
internal sealed class SolverOptions
{
    private readonly Option<string?> _http = new("--http-01") { Description = "answer HTTP-01 there (default: port 80 of every address); everything else is redirected to HTTPS", HelpName = "ADDRESS:PORT", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _tls = new("--tls-alpn-01") { Description = "answer TLS-ALPN-01 there (default: port 443 of every address)", HelpName = "ADDRESS:PORT", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _forwarded = new("--forwarded") { Description = "port 80 or 443 of the names is forwarded to the addresses given, TLS untouched" };
    private readonly Option<string> _dns = new("--dns-01") { Description = "answer DNS-01 by rfc2136 (dynamic update), exec (a program) or webhook", HelpName = "PROVIDER" };
    private readonly Option<string> _server = new("--dns-server") { Description = "rfc2136: the zone's primary server", HelpName = "ADDRESS:PORT" };
    private readonly Option<string> _zone = new("--dns-zone") { Description = "rfc2136: the zone (default: found by asking the server)", HelpName = "NAME" };
    private readonly Option<string> _tsigName = new("--tsig-name") { Description = "rfc2136: name of the TSIG key", HelpName = "NAME" };
    private readonly Option<string> _tsigAlgorithm = new("--tsig-algorithm") { Description = "rfc2136: hmac-sha256 (the default), hmac-sha512, hmac-sha384, hmac-sha1 or hmac-md5", HelpName = "NAME" };
    private readonly Option<string> _tsigSecret = new("--tsig-secret-file") { Description = "rfc2136: file with the key's secret in base64", HelpName = "FILE" };
    private readonly Option<string> _program = new("--dns-exec") { Description = "exec: called as PROGRAM present|cleanup NAME. VALUE", HelpName = "PROGRAM" };
    private readonly Option<string> _webhook = new("--dns-webhook") { Description = "webhook: gets a POST of {action, domain, fqdn, value}", HelpName = "URL" };
    private readonly Option<string> _webhookToken = new("--dns-webhook-token-file") { Description = "webhook: file with its bearer token", HelpName = "FILE" };
    private readonly Option<string> _webhookCa = new("--dns-webhook-ca-file") { Description = "webhook: CAs that its certificate must lead to (default: those of the system)", HelpName = "FILE" };
    private readonly Option<bool> _noWait = new("--dns-no-wait") { Description = "do not wait until the zone's servers all have the record" };
    private readonly Option<string[]> _resolvers = new("--dns-resolver") { Description = "DNS server to ask for CAA records and zones (default: those of the system); repeatable", HelpName = "ADDRESS:PORT" };
    private readonly Option<bool> _noCaa = new("--no-caa-check") { Description = "do not ask for CAA records beforehand" };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[]
        {
            _http, _tls, _forwarded, _dns, _server, _zone, _tsigName, _tsigAlgorithm, _tsigSecret, _program, _webhook, _webhookToken, _webhookCa, _noWait,
            _resolvers, _noCaa,
        })
            command.Options.Add(option);
    }

    /// <summary>The settings with what these options say; what is wrong is added to the mistakes.</summary>
    public CertificateSettings Read(ParseResult result, CertificateSettings settings, List<string> mistakes)
    {
        var forwarded = result.GetValue(_forwarded);
        var (http, tls) = (Listener(result, _http, 80, forwarded, mistakes), Listener(result, _tls, 443, forwarded, mistakes));
        var dns = Dns(result, mistakes);
        if (http is null && tls is null && dns is null)
            mistakes.Add("say how control of the names is proven: --http-01, --tls-alpn-01 or --dns-01");
        var resolvers = result.GetValue(_resolvers) ?? [];
        foreach (var resolver in resolvers)
        {
            if (!DnsResolver.TryParseServer(resolver, out _))
                mistakes.Add($"--dns-resolver: '{resolver}' is no address; write it like 192.0.2.53 or [2001:db8::53]:5353");
        }

        return settings with
        {
            Http01 = http,
            TlsAlpn01 = tls,
            Forwarded = forwarded,
            Dns01 = dns,
            Resolvers = resolvers,
            NoCaaCheck = result.GetValue(_noCaa),
        };
    }

    /// <summary>The challenge types that settings can answer.</summary>
    public static IReadOnlyList<string> TypesOf(CertificateSettings settings) =>
    [
        .. settings.TlsAlpn01 is null ? [] : new[] { ChallengeTypes.TlsAlpn01 },
        .. settings.Http01 is null ? [] : new[] { ChallengeTypes.Http01 },
        .. settings.Dns01 is null ? [] : new[] { ChallengeTypes.Dns01 },
    ];

    private static string? Listener(ParseResult result, Option<string?> option, int port, bool forwarded, List<string> mistakes)
    {
        if (result.GetResult(option) is null)
            return null;
        var text = result.GetValue(option) ?? "";
        if (!ListenAddress.TryParse(text, port, out var address))
            mistakes.Add($"{option.Name}: '{text}' is no address to listen on; write it like :{port} or 192.0.2.1:{port}");
        else if (ListenAddress.Refuse(address, port, forwarded, option.Name) is { } refusal)
            mistakes.Add(refusal);
        return text;
    }

    private DnsSettings? Dns(ParseResult result, List<string> mistakes)
    {
        var (provider, server, program, webhook) = (result.GetValue(_dns), result.GetValue(_server), result.GetValue(_program), result.GetValue(_webhook));
        // The option that names the means says which it is.
        provider ??= server is not null ? "rfc2136" : program is not null ? "exec" : webhook is not null ? "webhook" : null;
        switch (provider)
        {
            case null:
                return null;
            case "rfc2136" when server is null || !DnsResolver.TryParseServer(server, out _):
                mistakes.Add("--dns-server: give the address of the zone's primary server, such as 192.0.2.53");
                break;
            case "exec" when program is null:
                mistakes.Add("--dns-exec: name the program that changes the records");
                break;
            case "webhook" when !Uri.TryCreate(webhook, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttps:
                mistakes.Add("--dns-webhook: give the HTTPS URL of the service that changes the records");
                break;
            case not ("rfc2136" or "exec" or "webhook"):
                mistakes.Add($"--dns-01: there is no '{provider}'; there are rfc2136, exec and webhook");
                break;
        }

        if (program is not null && program.Contains('/', StringComparison.Ordinal))
            CheckFile(_program, program, mistakes);
        CheckFile(_webhookToken, result.GetValue(_webhookToken), mistakes);
        CheckFile(_webhookCa, result.GetValue(_webhookCa), mistakes);
        var (name, secret) = (result.GetValue(_tsigName), result.GetValue(_tsigSecret));
        if (name is null != secret is null)
            mistakes.Add("--tsig-name and --tsig-secret-file go together: give both, as the DNS server has them");
        else if (name is not null && secret is not null)
            CheckKey(name, result.GetValue(_tsigAlgorithm), secret, mistakes);
        return new()
        {
            Provider = provider,
            Server = server,
            Zone = result.GetValue(_zone),
            TsigName = name,
            TsigAlgorithm = result.GetValue(_tsigAlgorithm),
            TsigSecretFile = Full(secret),
            Program = program is not null && program.Contains('/', StringComparison.Ordinal) ? Full(program) : program,
            Webhook = webhook,
            WebhookTokenFile = Full(result.GetValue(_webhookToken)),
            WebhookCaFile = Full(result.GetValue(_webhookCa)),
            NoWait = result.GetValue(_noWait),
        };
    }

    private static void CheckFile(Option option, string? file, List<string> mistakes)
    {
        if (file is not null && !File.Exists(file))
            mistakes.Add(Directory.Exists(file) ? $"{option.Name}: {file} is a directory; give a file" : $"{option.Name}: {file} does not exist");
    }

    private static void CheckKey(string name, string? algorithm, string file, List<string> mistakes)
    {
        try
        {
            _ = new TsigKey(name, algorithm ?? "hmac-sha256", File.ReadAllText(file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or DnsFormatException)
        {
            mistakes.Add($"--tsig-secret-file: {PemFiles.Fault(file, error)}");
        }
    }

    // A cron job runs elsewhere.
    private static string? Full(string? file) => file is null ? null : Path.GetFullPath(file);
}
