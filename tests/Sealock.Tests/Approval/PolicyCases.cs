// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Api.Yaml;
using Sealock.Controllers.Approval;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;
using Sealock.Pki.Requests;

namespace Sealock.Tests.Approval;

/// <summary>Policies from YAML and requests from a line of text.</summary>
internal static class PolicyCases
{
    private static readonly Dictionary<string, Lazy<KeyPair>> Keys = new()
    {
        ["P-256"] = new(() => KeyPair.Generate()),
        ["P-384"] = new(() => KeyPair.Generate(KeyAlgorithm.EcdsaP384)),
        ["RSA"] = new(() => KeyPair.Generate(KeyAlgorithm.Rsa2048)),
    };

    /// <summary>A policy that selects everything, with the spec given in YAML beside the selector.</summary>
    public static PolicyView Policy(string spec, string name = "policy") => Whole($"selector: {{issuerRef: {{}}}}\n{spec}", name);

    /// <summary>A policy with the whole spec given in YAML.</summary>
    public static PolicyView Whole(string spec, string name = "policy")
    {
        var @object = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = YamlReader.TryRead(spec, out var document, out var error) ? document : throw new ArgumentException(error, nameof(spec)),
        };
        return JsonSerializer.Deserialize(@object.ToJsonString(), PolicyTypes.Policies.View)!;
    }

    /// <summary>A request with a subject (RFC 4514) and names such as <c>dns:a.example.com ip:10.0.0.1</c>.</summary>
    public static ApprovalRequest Request(string subject = "", string names = "", string key = "P-256") => new()
    {
        Namespace = "shop",
        IssuerName = "ca",
        Csr = CertificateSigningRequest.Create(
            Keys[key].Value,
            subject.Length == 0 ? DistinguishedName.Empty : DistinguishedName.ParseText(subject),
            new SubjectAlternativeNames(names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Name))),
    };

    private static GeneralName Name(string text)
    {
        var (kind, value) = (text[..text.IndexOf(':', StringComparison.Ordinal)], text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..]);
        return kind switch
        {
            "dns" => GeneralName.Dns(value),
            "ip" => GeneralName.Ip(IPAddress.Parse(value)),
            "uri" => GeneralName.Uri(value),
            "email" => GeneralName.Email(value),
            "dir" => GeneralName.Directory(DistinguishedName.ParseText(value)),
            "other" => GeneralName.OtherName(value.Split(';')[0], value.Split(';')[1]),
            _ => throw new ArgumentException(text, nameof(text)),
        };
    }
}
