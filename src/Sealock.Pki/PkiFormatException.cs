// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Pki;

/// <summary>
/// The one exception for bytes or text that are not what they should be: PEM, DER, keys, certificates, requests, CRLs,
/// names. The message says what was expected and never repeats key material.
/// </summary>
public sealed class PkiFormatException : FormatException
{
    /// <summary>Creates the exception with a generic message.</summary>
    public PkiFormatException()
        : base("the input is not in the expected format")
    {
    }

    /// <summary>Creates the exception; <paramref name="message"/> says what was expected.</summary>
    public PkiFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with the fault that revealed it.</summary>
    public PkiFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
