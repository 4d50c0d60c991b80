// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Sealock.Controllers.Definitions;

/// <summary>What the rules read of a PKCS#10 request.</summary>
internal sealed record RequestContents
{
    public required IReadOnlyList<string> Organizations { get; init; }
}

/// <summary>Reads <c>spec.request</c>: the first PEM block, a PKCS#10 request whose own signature holds.</summary>
internal static class RequestParsing
{
    private const string Label = "CERTIFICATE REQUEST";

    /// <summary>What kube-apiserver would say is wrong, or null.</summary>
    public static string? WhatIsWrong(byte[] pem) => Read(pem).Error;

    public static bool TryRead(byte[] pem, [NotNullWhen(true)] out RequestContents? contents) =>
        (contents = Read(pem).Contents) is not null;

    private static (RequestContents? Contents, string? Error) Read(byte[] pem)
    {
        var text = Encoding.Latin1.GetString(pem);
        if (!PemEncoding.TryFind(text, out var fields) || text[fields.Label] != Label)
            return (null, "PEM block type must be CERTIFICATE REQUEST");
        try
        {
            var request = CertificateRequest.LoadSigningRequest(
                Convert.FromBase64String(text[fields.Base64Data]), HashAlgorithmName.SHA256,
                CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions, RSASignaturePadding.Pkcs1);
            return (new RequestContents { Organizations = [.. Organizations(request.SubjectName)] }, null);
        }
        catch (Exception fault) when (fault is CryptographicException or ArgumentException or NotSupportedException)
        {
            return (null, fault.Message);
        }
    }

    private static IEnumerable<string> Organizations(X500DistinguishedName name) =>
        from attribute in name.EnumerateRelativeDistinguishedNames()
        where !attribute.HasMultipleElements && attribute.GetSingleElementType().Value == "2.5.4.10"
        select attribute.GetSingleElementValue();
}
