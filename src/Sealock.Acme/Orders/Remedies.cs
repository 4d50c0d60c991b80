// SPDX-License-Identifier: Apache-2.0
using Sealock.Acme.Messages;

namespace Sealock.Acme.Orders;

/// <summary>What to do about a server's problem: one clause, or nothing. Pure.</summary>
public static class Remedies
{
    /// <summary>The remedy for a problem; null where the server's own words say all.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="challengeType">The type of the challenge it is about; null where it is about something else.</param>
    public static string? For(AcmeProblem? problem, string? challengeType = null) => (problem?.Kind, challengeType) switch
    {
        (ProblemKinds.Connection, ChallengeTypes.Http01) =>
            "the CA must reach port 80 of the name's every A and AAAA address: open it, or remove addresses that are not yours",
        (ProblemKinds.Connection or ProblemKinds.Tls, ChallengeTypes.TlsAlpn01) =>
            "the CA must reach port 443 of the name's every A and AAAA address, and TLS must not be terminated before it arrives here",
        (ProblemKinds.Unauthorized or ProblemKinds.IncorrectResponse, ChallengeTypes.Http01) =>
            "something else answers on port 80 of the name: let /.well-known/acme-challenge/ come through to here",
        (ProblemKinds.Unauthorized or ProblemKinds.IncorrectResponse, ChallengeTypes.TlsAlpn01) =>
            "something else answers TLS on port 443 of the name: let connections for it come through to here untouched",
        (ProblemKinds.Unauthorized or ProblemKinds.IncorrectResponse, ChallengeTypes.Dns01) =>
            "the CA saw another TXT record: let all authoritative servers have the new one first, and remove CNAMEs that lead elsewhere",
        (ProblemKinds.Dns, _) => "the CA cannot resolve the name: check its delegation, A and AAAA records, and DNSSEC",
        (ProblemKinds.Caa, _) => "add this CA to the name's CAA records",
        (ProblemKinds.ExternalAccountRequired, _) => "get a key identifier and HMAC key from the CA, and give them (--eab-kid, --eab-hmac-file)",
        (ProblemKinds.UserActionRequired, _) => "open the page that the server names, and agree again",
        (ProblemKinds.RejectedIdentifier, _) => "this CA does not issue for that name: leave it out, or use another CA",
        (ProblemKinds.InvalidProfile, _) => "name one of the profiles in the server's directory",
        (ProblemKinds.BadCsr, _) => "choose another key type",
        _ => null,
    };

    /// <summary>A reason with the remedy at its end, where there is one.</summary>
    public static string Tell(string reason, AcmeProblem? problem, string? challengeType = null) =>
        For(problem, challengeType) is { } remedy ? $"{reason}. Remedy: {remedy}" : reason;
}
