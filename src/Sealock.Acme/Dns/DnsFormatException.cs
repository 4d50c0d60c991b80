// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Acme.Dns;

/// <summary>Bytes that are no DNS message, or a text that is no DNS name. The message says what was expected.</summary>
public sealed class DnsFormatException : FormatException
{
    /// <summary>Creates the exception with a generic message.</summary>
    public DnsFormatException()
        : base("this is no DNS message")
    {
    }

    /// <summary>Creates the exception; <paramref name="message"/> says what was expected.</summary>
    public DnsFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with the fault that revealed it.</summary>
    public DnsFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
