// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Gateway.Authentication;

/// <summary>What is locked out.</summary>
public enum LockoutKind
{
    /// <summary>A user, by name.</summary>
    User,

    /// <summary>A credential, by its id.</summary>
    Credential,

    /// <summary>A certificate, as <see cref="CertificateMarks.ByIssuer"/> writes it.</summary>
    Certificate,

    /// <summary>A key, by the SHA-256 of its SubjectPublicKeyInfo in lower-case hexadecimal.</summary>
    Key,
}

/// <summary>One thing that is locked out.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Value">Which one.</param>
public readonly record struct Lockout(LockoutKind Kind, string Value);

/// <summary>
/// What is revoked, by the objects that say so. Whoever keeps the objects calls <see cref="Put"/> and
/// <see cref="Remove"/> for every change, in order and before the change is acknowledged, so that the next request is
/// judged by it.
/// </summary>
public sealed class RevocationRegistry
{
    private readonly Lock _changing = new();
    private readonly Dictionary<string, Lockout> _byObject = new(StringComparer.Ordinal);
    private readonly Dictionary<Lockout, int> _objectsOf = [];
    private Action<Revocations>? _consumer;
    private volatile Revocations _current = Revocations.None;

    /// <summary>All that is revoked now.</summary>
    public Revocations Current => _current;

    /// <summary>Hands over what is revoked now, and from now on every change. There is one consumer at most.</summary>
    public void Feed(Action<Revocations> consumer)
    {
        lock (_changing)
        {
            _consumer = consumer;
            consumer(_current);
        }
    }

    /// <summary>Takes over what an object says, in place of what it said before; null: it locks nothing out.</summary>
    /// <param name="object">The object, by resource and name.</param>
    /// <param name="lockout">What it locks out.</param>
    public void Put(string @object, Lockout? lockout)
    {
        lock (_changing)
        {
            var before = _current;
            if (lockout is { } added && _byObject.TryGetValue(@object, out var same) && same == added)
                return;
            if (_byObject.Remove(@object, out var old))
                Forget(old);
            if (lockout is { } present)
            {
                _byObject.Add(@object, present);
                Remember(present);
            }

            if (!ReferenceEquals(before, _current))
                _consumer?.Invoke(_current);
        }
    }

    /// <summary>Forgets an object that was deleted.</summary>
    public void Remove(string @object) => Put(@object, null);

    private void Remember(in Lockout lockout)
    {
        var count = _objectsOf.GetValueOrDefault(lockout);
        _objectsOf[lockout] = count + 1;
        if (count == 0)
            _current = _current.With(lockout);
    }

    private void Forget(in Lockout lockout)
    {
        var count = _objectsOf[lockout];
        if (count > 1)
        {
            _objectsOf[lockout] = count - 1;
            return;
        }

        _objectsOf.Remove(lockout);
        _current = _current.Without(lockout);
    }
}
