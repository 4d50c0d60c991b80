// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Sealock.EndToEnd.FrontDoor;

/// <summary>What is to be scanned: a name that the server of a test serves, and the CA by which it is known.</summary>
internal sealed record ScanTarget(string Mode, string Host, int Port, string CaFile)
{
    public override string ToString() => Mode;
}

/// <summary>
/// testssl and sslscan, and what they may find. Their reports are kept in <c>SEALOCK_ARTIFACTS</c>, or in artifacts/tls-scan of
/// the checkout.
/// </summary>
internal static class TlsScan
{
    /// <summary>
    /// Findings above LOW that are meant, with the reason. Trust is not among them: testssl is given the CA, as clients are.
    /// </summary>
    private static readonly Dictionary<string, string> Meant = new()
    {
        ["cert_revocation"] = "a private CA whose lists nobody was told to publish (--crl-url) names no place for them",
        ["cert_expirationStatus"] = "certificates that are made on the fly live for seven days",
        ["cert_notAfter"] = "certificates that are made on the fly live for seven days",
        ["cert_validityPeriod"] = "the test's ACME server gives certificates for years",
    };

    /// <summary>Without these a report is none.</summary>
    private static readonly string[] Essential =
        ["TLS1_2", "TLS1_3", "cert_signatureAlgorithm", "cert_serialNumberLen", "cert_chain_of_trust", "cert_trust", "HSTS_time", "heartbleed",
            "CCS", "ROBOT", "secure_renego", "CRIME_TLS", "fallback_SCSV", "LUCKY13"];

    /// <summary>Whether testssl runs all checks, in every mode.</summary>
    public static bool Everything { get; } = Environment.GetEnvironmentVariable("SEALOCK_TLS_SCAN") == "all";

    private static string Reports { get; } = Directory.CreateDirectory(Path.Combine(
        Environment.GetEnvironmentVariable("SEALOCK_ARTIFACTS") ?? Path.Combine(Repository.Root, "artifacts"), "tls-scan")).FullName;

    /// <summary>Finds nothing, by sslscan and, where it is to look deep, by testssl.</summary>
    public static async Task CheckAsync(ScanTarget target, bool deep)
    {
        Assert.Empty(await SslScanAsync(target));
        if (deep)
            Assert.Empty(await TestSslAsync(target, Everything));
    }

    /// <summary>
    /// Runs testssl and says what it found above LOW and is not meant, and what is missing in its report.
    /// </summary>
    /// <param name="target">What is scanned.</param>
    /// <param name="everything">All checks, which takes minutes: else not those of suites and groups, which sslscan sees too.</param>
    private static async Task<IReadOnlyList<string>> TestSslAsync(ScanTarget target, bool everything)
    {
        var report = Report(target, "testssl.json");
        string[] checks = everything ? [] : ["--protocols", "--server-defaults", "--headers", "--vulnerable"];
        var result = await Tool.RunAsync("testssl",
        [
            "--quiet", "--color", "0", "--warnings", "batch", "--nodns", "none", "--ip", "127.0.0.1", "--add-ca", target.CaFile,
            "--jsonfile", report, .. checks, $"{target.Host}:{target.Port}",
        ], limit: TimeSpan.FromMinutes(20));
        await File.WriteAllTextAsync(Report(target, "testssl.txt"), result.Output + result.Errors);

        var findings = JsonNode.Parse(await File.ReadAllTextAsync(report))!.AsArray().OfType<JsonObject>()
            .Select(finding => (Id: Text(finding, "id"), Severity: Text(finding, "severity"), Finding: Text(finding, "finding"))).ToList();
        // WARN is about the program: that it could not check something.
        var made = findings.Where(found => found.Severity != "WARN").Select(found => IdOf(found.Id)).ToHashSet();
        return
        [
            .. findings.Where(found => found.Severity is not ("OK" or "INFO" or "LOW" or "WARN" or "DEBUG") && !Meant.ContainsKey(IdOf(found.Id)))
                .Select(found => $"{target} {found.Severity} {found.Id}: {found.Finding}"),
            .. Essential.Concat(everything ? ["PFS", "cipher_order"] : []).Where(id => !made.Contains(id)).Select(id => $"{target} {id}: was not checked"),
        ];
    }

    /// <summary>Runs sslscan and says what it found that is not meant.</summary>
    private static async Task<IReadOnlyList<string>> SslScanAsync(ScanTarget target)
    {
        var report = Report(target, "sslscan.xml");
        var text = (await Tool.RunAsync("sslscan",
            ["--no-colour", "--show-sigs", $"--sni-name={target.Host}", $"--xml={report}", $"127.0.0.1:{target.Port}"])).Succeeded();
        await File.WriteAllTextAsync(Report(target, "sslscan.txt"), text);
        var test = XDocument.Load(report).Root!.Element("ssltest")!;
        var faults = new List<string>();
        var spoken = test.Elements("protocol").Where(protocol => Is(protocol, "enabled")).Select(protocol => $"{protocol.Attribute("type")?.Value}{protocol.Attribute("version")?.Value}");
        if (string.Join(' ', spoken) is not "tls1.2 tls1.3" and var versions)
            faults.Add($"versions: {versions}");
        // This stands in the text alone.
        if (!text.Contains("Server supports TLS Fallback SCSV", StringComparison.Ordinal))
            faults.Add("a client that was made to go back to TLS 1.2 does not learn of it (TLS_FALLBACK_SCSV)");
        if (test.Elements("renegotiation").Any(renegotiation => Is(renegotiation, "supported")))
            faults.Add("renegotiation");
        if (test.Elements("compression").Any(compression => Is(compression, "supported")))
            faults.Add("compression");
        faults.AddRange(test.Elements("heartbleed").Where(heartbleed => Is(heartbleed, "vulnerable")).Select(_ => "heartbleed"));
        var ciphers = test.Elements("cipher").ToList();
        if (ciphers.Count < 6)
            faults.Add($"only {ciphers.Count} ciphers were seen");
        faults.AddRange(ciphers.Where(cipher => cipher.Attribute("strength")?.Value is not ("strong" or "acceptable"))
            .Select(cipher => $"cipher {cipher.Attribute("cipher")?.Value}"));
        faults.AddRange(ciphers.Where(cipher => cipher.Attribute("dhebits") is not null).Select(cipher => $"DHE: {cipher.Attribute("cipher")?.Value}"));
        faults.AddRange(test.Elements("connection-signature-algorithm").Concat(test.Descendants("signature-algorithm"))
            .Select(algorithm => algorithm.Attribute("name")?.Value ?? algorithm.Value)
            .Where(name => name.Contains("sha1", StringComparison.OrdinalIgnoreCase) || name.Contains("md5", StringComparison.OrdinalIgnoreCase))
            .Select(name => $"signature {name}"));
        if (test.Descendants("expired").Any(expired => expired.Value != "false"))
            faults.Add("an expired certificate");
        return [.. faults.Select(fault => $"{target} sslscan: {fault}")];
    }

    // With several certificates testssl writes "cert_trust <cert#1>".
    private static string IdOf(string id) => id.Split(' ')[0];

    private static bool Is(XElement element, string attribute) => element.Attribute(attribute)?.Value == "1";

    private static string Text(JsonObject finding, string field) => finding[field]?.GetValue<string>() ?? "";

    private static string Report(ScanTarget target, string name)
    {
        var file = Path.Combine(Reports, $"{target.Mode}.{name}");
        File.Delete(file);
        return file;
    }
}
