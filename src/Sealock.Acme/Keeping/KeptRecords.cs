// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Serialization;
using Sealock.Acme.Messages;
using Sealock.Pki.Keys;

namespace Sealock.Acme.Keeping;

/// <summary>How DNS-01 is answered; secrets stay in files of their own.</summary>
public sealed record DnsSettings
{
    /// <summary><c>rfc2136</c>, <c>exec</c> or <c>webhook</c>.</summary>
    public string Provider { get => field ?? ""; init; }

    /// <summary>The primary server, for rfc2136.</summary>
    public string? Server { get; init; }

    /// <summary>The zone, for rfc2136; null to find it.</summary>
    public string? Zone { get; init; }

    /// <summary>The name of the TSIG key, for rfc2136.</summary>
    public string? TsigName { get; init; }

    /// <summary>Its algorithm.</summary>
    public string? TsigAlgorithm { get; init; }

    /// <summary>The file with its secret.</summary>
    public string? TsigSecretFile { get; init; }

    /// <summary>The program, for exec.</summary>
    public string? Program { get; init; }

    /// <summary>The URL, for webhook.</summary>
    public string? Webhook { get; init; }

    /// <summary>The file with its bearer token; null for none.</summary>
    public string? WebhookTokenFile { get; init; }

    /// <summary>The CAs the web service's certificate must lead to; null for those of the system.</summary>
    public string? WebhookCaFile { get; init; }

    /// <summary>Whether authoritative servers are not waited for.</summary>
    public bool NoWait { get; init; }
}

/// <summary>How a certificate is to be had: what <c>issue</c> was told, for <c>renew</c> to repeat.</summary>
public sealed record CertificateSettings
{
    /// <summary>The names, as users type them.</summary>
    public IReadOnlyList<string> Names { get => field ?? []; init; }

    /// <summary>The URL of the server's directory.</summary>
    public string Server { get => field ?? ""; init; }

    /// <summary>The CAs the server's own certificate must lead to; null for those of the system.</summary>
    public string? CaFile { get; init; }

    /// <summary>The key.</summary>
    public KeyAlgorithm KeyType { get; init; }

    /// <summary>The profile; null for the server's default.</summary>
    public string? Profile { get; init; }

    /// <summary>The common name of an issuer that the chain should have; null for no preference.</summary>
    public string? PreferredChain { get; init; }

    /// <summary>The wanted lifetime in days; null for the server's choice.</summary>
    public int? Days { get; init; }

    /// <summary>Where HTTP-01 is answered; null for not at all.</summary>
    public string? Http01 { get; init; }

    /// <summary>Where TLS-ALPN-01 is answered; null for not at all.</summary>
    public string? TlsAlpn01 { get; init; }

    /// <summary>Whether port 80 or 443 of the names is forwarded to where the answers are.</summary>
    public bool Forwarded { get; init; }

    /// <summary>How DNS-01 is answered; null for not at all.</summary>
    public DnsSettings? Dns01 { get; init; }

    /// <summary>The DNS servers that are asked; none for the system's.</summary>
    public IReadOnlyList<string> Resolvers { get => field ?? []; init; }

    /// <summary>Whether CAA records are left to the CA.</summary>
    public bool NoCaaCheck { get; init; }

    /// <summary>How long an order may take, in seconds.</summary>
    public int TimeoutSeconds { get; init; } = 600;

    /// <summary>A line for the shell that is run after a new certificate; null for none.</summary>
    public string? ReloadCommand { get; init; }
}

/// <summary>What is known of a certificate's renewal and of an order under way.</summary>
internal sealed record RenewalState
{
    /// <summary>The certificate it is about, by its fingerprint.</summary>
    public string? Certificate { get; init; }

    /// <summary>The server it is about, by its directory.</summary>
    public string? Server { get; init; }

    /// <summary>From 0 up to 1: which part of a suggested window is taken.</summary>
    public double Random { get; init; }

    /// <summary>What the CA suggested last.</summary>
    public SuggestedWindow? Window { get; init; }

    /// <summary>Why, in the CA's words.</summary>
    public string? Explanation { get; init; }

    /// <summary>When the CA is asked again.</summary>
    public DateTimeOffset? NextPoll { get; init; }

    /// <summary>An order that was made and not fulfilled yet.</summary>
    public string? Order { get; init; }

    /// <summary>The instant before which the server does not want to be asked.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Why not.</summary>
    public string? NotBeforeReason { get; init; }

    /// <summary>How often in a row there was no certificate in the end.</summary>
    public int Failures { get; init; }

    /// <summary>Why not, the last time; what this machine lacked is told here, too, and is not counted.</summary>
    public string? LastFailure { get; init; }

    /// <summary>When <c>renew</c> tries again after that.</summary>
    public DateTimeOffset? NextTry { get; init; }

    /// <summary>Whether the reload command has still to be run.</summary>
    public bool ReloadPending { get; init; }
}

/// <summary>An account as it is kept, beside its key.</summary>
internal sealed record KeptAccountRecord
{
    public string Server { get => field ?? ""; init; }

    public string Url { get => field ?? ""; init; }

    public IReadOnlyList<string> Contact { get => field ?? []; init; }

    /// <summary>Whether its holder agreed to the terms of service.</summary>
    public bool Agreed { get; init; }

    /// <summary>The CAs the server's own certificate must lead to; null for those of the system.</summary>
    public string? CaFile { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    UseStringEnumConverter = true,
    WriteIndented = true)]
[JsonSerializable(typeof(CertificateSettings))]
[JsonSerializable(typeof(RenewalState))]
[JsonSerializable(typeof(KeptAccountRecord))]
internal sealed partial class KeepingJson : JsonSerializerContext;
