// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using System.Net;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;
using Sealock.Pki.Pem;
using Sealock.Pki.Requests;

namespace Sealock.Controllers.Definitions;

/// <summary>What the rules read of a PKCS#10 request.</summary>
internal sealed record RequestContents(DistinguishedName Subject, PublicKeyInfo PublicKey, SubjectAlternativeNames Names)
{
    public string CommonName { get; } = Subject.CommonName ?? "";

    public IReadOnlyList<string> Organizations { get; } = Subject.Organizations;

    public IReadOnlyList<string> DnsNames { get; } = Names.DnsNames;

    public IReadOnlyList<string> EmailAddresses { get; } = Names.EmailAddresses;

    public IReadOnlyList<string> Uris { get; } = Names.Uris;

    public IReadOnlyList<IPAddress> IpAddresses { get; } = Names.IpAddresses;
}

/// <summary>Reads <c>spec.request</c>: the first PEM block, a PKCS#10 request whose own signature holds.</summary>
internal static class RequestParsing
{
    /// <summary>What is wrong, or null.</summary>
    public static string? WhatIsWrong(byte[] pem) => Read(pem).Error;

    public static bool TryRead(byte[] pem, [NotNullWhen(true)] out RequestContents? contents) =>
        (contents = Read(pem).Contents) is not null;

    private static (RequestContents? Contents, string? Error) Read(byte[] pem)
    {
        try
        {
            if (PemDocument.Parse(pem).Blocks is not [{ Label: PemLabels.CertificateRequest } block, ..])
                return (null, "PEM block type must be CERTIFICATE REQUEST");
            var request = CertificateSigningRequest.Parse(block.Content);
            return request.SignatureProblem is { } problem
                ? (null, problem)
                : (new RequestContents(request.Subject, request.PublicKey, request.Names), null);
        }
        catch (PkiFormatException fault)
        {
            return (null, fault.Message);
        }
    }
}
