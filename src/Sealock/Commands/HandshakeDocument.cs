// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json.Nodes;
using Sealock.Cluster.Handshakes;
using Sealock.Pki.Certificates;

namespace Sealock.Commands;

/// <summary>A handshake as JSON or YAML.</summary>
internal static class HandshakeDocument
{
    public static void Write(TextWriter output, HandshakeReport report, bool yaml) =>
        OutputFormat.Write(output, yaml ? "yaml" : "json", Of(report));

    private static JsonObject Of(HandshakeReport report) => new()
    {
        ["endpoint"] = report.Endpoint,
        ["address"] = report.Address,
        ["time"] = Time(report.At),
        ["succeeded"] = report.Succeeded,
        ["version"] = report.Version,
        ["cipherSuite"] = report.CipherSuite,
        ["group"] = report.Group,
        ["applicationProtocol"] = report.ApplicationProtocol,
        ["certificates"] = new JsonArray([.. report.Chain.Select(Of)]),
        ["clientCertificateRequested"] = report.ClientCertificateRequested,
        ["authorities"] = report.Authorities is { } named ? Texts(named) : null,
        ["failure"] = report.Failure is { } failure
            ? new JsonObject
            {
                ["step"] = (int)failure.Step,
                ["stepName"] = StepNames.Of(failure.Step),
                ["reason"] = failure.Reason,
                ["remedy"] = failure.Remedy,
            }
            : null,
        ["verdict"] = new JsonArray([.. report.Verdict.Select(Of)]),
        ["events"] = new JsonArray([.. report.Events.Select(Of)]),
    };

    private static JsonNode Of(Certificate certificate) => new JsonObject
    {
        ["subject"] = certificate.Subject.ToString(),
        ["issuer"] = certificate.Issuer.ToString(),
        ["serialNumber"] = certificate.SerialNumber.ToString(),
        ["notBefore"] = Time(certificate.NotBefore),
        ["notAfter"] = Time(certificate.NotAfter),
        ["names"] = Texts(certificate.Names.Select(name => name.ToString())),
        ["publicKey"] = certificate.PublicKey.Description,
        ["sha256"] = certificate.Sha256Hex,
    };

    private static JsonNode Of(Judgement judgement) => new JsonObject
    {
        ["subject"] = Camel(judgement.Subject.ToString()),
        ["outcome"] = Camel(judgement.Outcome.ToString()),
        ["text"] = judgement.Text,
        ["remedy"] = judgement.Remedy,
    };

    private static JsonNode Of(HandshakeEvent told)
    {
        var details = new JsonObject();
        foreach (var detail in told.Details)
            details[detail.Name] = Texts(detail.Values);
        return new JsonObject
        {
            ["milliseconds"] = Math.Round(told.At.TotalMilliseconds, 3),
            ["source"] = told.Source == HandshakeSource.Wire ? "wire" : "library",
            ["step"] = (int)told.Step,
            ["stepName"] = StepNames.Of(told.Step),
            ["connection"] = told.Connection,
            ["text"] = told.Text,
            ["details"] = details,
        };
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
