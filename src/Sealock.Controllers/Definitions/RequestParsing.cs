// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Pem;
using Sealock.Pki.Requests;

namespace Sealock.Controllers.Definitions;

/// <summary>What the rules read of a PKCS#10 request.</summary>
internal sealed record RequestContents(DistinguishedName Subject, PublicKeyInfo PublicKey, SubjectAlternativeNames Names)
{
    /// <summary>The usages that the request names; none where it names none.</summary>
    public CertificateUsages Usages { get; init; } = new();

    /// <summary>Whether a CA certificate is asked for.</summary>
    public bool AsksForCa { get; init; }

    public string CommonName { get; } = Subject.CommonName ?? "";

    public IReadOnlyList<string> Organizations { get; } = Subject.Organizations;

    public IReadOnlyList<string> DnsNames { get; } = Names.DnsNames;

    public IReadOnlyList<string> EmailAddresses { get; } = Names.EmailAddresses;

    public IReadOnlyList<string> Uris { get; } = Names.Uris;

    public IReadOnlyList<IPAddress> IpAddresses { get; } = Names.IpAddresses;
}

/// <summary>
/// Reads <c>spec.request</c>: the first PEM block, a PKCS#10 request whose own signature holds. The same bytes are
/// looked at on creation, on every update, by the approver and by the signer: the latest are remembered by their hash.
/// </summary>
internal static class RequestParsing
{
    private const int Remembered = 4096;

    private static readonly ConcurrentDictionary<Hash, RequestContents> Latest = new();
    private static readonly ConcurrentQueue<Hash> Order = new();

    private readonly record struct Hash(UInt128 High, UInt128 Low);

    /// <summary>What is wrong, or null.</summary>
    public static string? WhatIsWrong(byte[] pem) => Read(pem).Error;

    public static bool TryRead(byte[] pem, [NotNullWhen(true)] out RequestContents? contents) =>
        (contents = Read(pem).Contents) is not null;

    private static (RequestContents? Contents, string? Error) Read(byte[] pem)
    {
        var hash = HashOf(pem);
        if (Latest.TryGetValue(hash, out var known))
            return (known, null);
        var result = Parse(pem);
        if (result.Contents is { } contents && Latest.TryAdd(hash, contents))
        {
            Order.Enqueue(hash);
            if (Order.Count > Remembered && Order.TryDequeue(out var oldest))
                Latest.TryRemove(oldest, out _);
        }

        return result;
    }

    private static (RequestContents? Contents, string? Error) Parse(byte[] pem)
    {
        try
        {
            if (PemDocument.Parse(pem).Blocks is not [{ Label: PemLabels.CertificateRequest } block, ..])
                return (null, "PEM block type must be CERTIFICATE REQUEST");
            var request = CertificateSigningRequest.Parse(block.Content);
            return request.SignatureProblem is { } problem
                ? (null, problem)
                : (Contents(request), null);
        }
        catch (PkiFormatException fault)
        {
            return (null, fault.Message);
        }
    }

    private static RequestContents Contents(CertificateSigningRequest request) =>
        new(request.Subject, request.PublicKey, request.Names)
        {
            Usages = new() { KeyUsage = request.KeyUsage ?? X509KeyUsageFlags.None, KeyPurposes = request.KeyPurposes },
            AsksForCa = request.AsksForCa,
        };

    private static Hash HashOf(byte[] bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return new Hash(
            System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash),
            System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash[16..]));
    }
}
