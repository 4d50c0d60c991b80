// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Runtime.InteropServices;

namespace Sealock.Pki.Files;

/// <summary>Who owns a file: a user and a group, by number.</summary>
public readonly record struct FileOwner(uint User, uint Group)
{
    /// <summary>Whose files this process creates.</summary>
    public static FileOwner Current => new(NativeFiles.EffectiveUser(), NativeFiles.EffectiveGroup());

    /// <summary>Whether this process may give files away (it runs as root).</summary>
    public static bool MayBeChanged => NativeFiles.EffectiveUser() == 0;

    /// <summary>
    /// Reads <c>user:group</c> or <c>user</c> (with the user's own group); each by name or number, as this machine
    /// knows them.
    /// </summary>
    /// <exception cref="FormatException">The text has another form, or the name is not known on this machine.</exception>
    public static FileOwner Parse(string text)
    {
        var parts = text.Split(':');
        if (parts.Length > 2 || parts.Any(part => part.Length is 0 or > 256 || part.Any(char.IsControl)))
            throw new FormatException($"\"{text}\" names no owner: write user:group, such as kube:kube or 0:0");
        var (user, own) = FindUser(parts[0]);
        if (parts.Length == 2)
            return new FileOwner(user, FindGroup(parts[1]));
        return new FileOwner(user, own ?? throw new FormatException(
            $"user {user} is not known on this machine: name the group as well, such as {user}:{user}"));
    }

    /// <summary><c>user:group</c>, in numbers.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{User}:{Group}");

    private static (uint User, uint? Group) FindUser(string name)
    {
        // struct passwd: name, password, user, group, …
        Span<byte> entry = stackalloc byte[128];
        var known = NativeFiles.FindUser(name, entry, new byte[16 * 1024], 16 * 1024, out var found) == 0 && found != 0;
        if (known)
        {
            var numbers = entry[(2 * nint.Size)..];
            return (MemoryMarshal.Read<uint>(numbers), MemoryMarshal.Read<uint>(numbers[4..]));
        }

        return uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number != uint.MaxValue
            ? (number, null)
            : throw new FormatException($"there is no user \"{name}\" on this machine: create it, or give its number");
    }

    private static uint FindGroup(string name)
    {
        // struct group: name, password, group, …
        Span<byte> entry = stackalloc byte[128];
        if (NativeFiles.FindGroup(name, entry, new byte[64 * 1024], 64 * 1024, out var found) == 0 && found != 0)
            return MemoryMarshal.Read<uint>(entry[(2 * nint.Size)..]);
        return uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number != uint.MaxValue
            ? number
            : throw new FormatException($"there is no group \"{name}\" on this machine: create it, or give its number");
    }
}
