// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Pem;

namespace Sealock.Controllers.Definitions;

/// <summary>Reads the certificates that signers hand in.</summary>
internal static class CertificateParsing
{
    /// <summary>
    /// What is wrong with <c>status.certificate</c>: certificates in PEM without headers; text around them is allowed.
    /// </summary>
    public static string? WhatIsWrong(byte[] pem)
    {
        try
        {
            var blocks = PemDocument.Parse(pem).Blocks;
            foreach (var block in blocks)
            {
                if (block.Label != PemLabels.Certificate)
                    return $"only CERTIFICATE PEM blocks are allowed, found \"{block.Label}\"";
                if (block.Headers.Count > 0)
                    return "no PEM block headers are permitted";
                Certificate.Parse(block.Content);
            }

            return blocks.Count == 0 ? "must contain at least one CERTIFICATE PEM block" : null;
        }
        catch (PkiFormatException)
        {
            return "x509: malformed certificate";
        }
    }
}
