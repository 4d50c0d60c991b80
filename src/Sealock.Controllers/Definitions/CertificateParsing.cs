// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Sealock.Controllers.Definitions;

/// <summary>Reads the certificates that signers hand in.</summary>
internal static class CertificateParsing
{
    /// <summary>What is wrong with <c>status.certificate</c>: certificates in PEM, no headers, text around them allowed.</summary>
    public static string? WhatIsWrong(byte[] pem)
    {
        var text = Encoding.Latin1.GetString(pem);
        var blocks = 0;
        while (PemEncoding.TryFind(text, out var fields))
        {
            if (text[fields.Label] != "CERTIFICATE")
                return $"only CERTIFICATE PEM blocks are allowed, found \"{text[fields.Label]}\"";
            blocks++;
            try
            {
                X509CertificateLoader.LoadCertificate(Convert.FromBase64String(text[fields.Base64Data])).Dispose();
            }
            catch (CryptographicException)
            {
                return "x509: malformed certificate";
            }

            text = text[fields.Location.End.GetOffset(text.Length)..];
        }

        return blocks == 0 ? "must contain at least one CERTIFICATE PEM block" : null;
    }
}
