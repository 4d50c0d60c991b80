// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Acme.Keeping;

/// <summary>What is kept in files cannot be used; the message names the file and the remedy.</summary>
public sealed class KeepingException : Exception
{
    /// <summary>Creates the exception with a generic message.</summary>
    public KeepingException()
        : base("a kept file cannot be used")
    {
    }

    /// <summary>Creates the exception.</summary>
    public KeepingException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with the fault that revealed it.</summary>
    public KeepingException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
