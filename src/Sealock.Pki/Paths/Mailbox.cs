// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Pki.Paths;

/// <summary>An email address taken apart. Quoted local parts are not read: nothing in use here has them.</summary>
internal readonly record struct Mailbox(string Local, string Domain)
{
    private const string LocalSpecials = "!#$%&'*+-/=?^_`{|}~.";

    public static bool TryParse(string text, out Mailbox mailbox)
    {
        mailbox = default;
        var at = text.IndexOf('@', StringComparison.Ordinal);
        if (at is < 1 or > 64 || text[0] == '.' || text[at - 1] == '.' || text[..at].Contains("..", StringComparison.Ordinal))
            return false;
        foreach (var c in text.AsSpan(0, at))
            if (!char.IsAsciiLetterOrDigit(c) && !LocalSpecials.Contains(c))
                return false;
        if (!HostNames.IsValidDnsName(text[(at + 1)..], allowWildcard: false))
            return false;
        mailbox = new(text[..at], text[(at + 1)..]);
        return true;
    }
}
