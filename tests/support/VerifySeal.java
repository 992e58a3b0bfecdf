import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import javax.xml.crypto.KeySelector;
import javax.xml.crypto.dsig.XMLSignature;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMValidateContext;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Verifies seals with the XML Signature of the JDK, which none of us wrote.
 *
 * java VerifySeal.java CERTIFICATE DOCUMENT... prints "valid" or "invalid" for each document, on its own line.
 * java VerifySeal.java --time CERTIFICATE DOCUMENT prints the microseconds of one verification, parsing
 * included, as the median of many in a warm machine.
 */
public final class VerifySeal {
    private static final String XADES = "http://uri.etsi.org/01903/v1.3.2#";
    private static final int ROUNDS = 15;
    private static final int CALLS = 400;

    private VerifySeal() {
    }

    public static void main(String[] arguments) throws Exception {
        boolean timed = arguments[0].equals("--time");
        int first = timed ? 1 : 0;
        PublicKey key = key(Path.of(arguments[first]));
        if (timed) {
            System.out.println(microseconds(Files.readAllBytes(Path.of(arguments[first + 1])), key));
            return;
        }
        for (String name : Arrays.copyOfRange(arguments, first + 1, arguments.length)) {
            System.out.println(answer(Files.readAllBytes(Path.of(name)), key));
        }
    }

    private static String answer(byte[] document, PublicKey key) {
        try {
            return verify(document, key) ? "valid" : "invalid";
        } catch (Exception error) {
            return "invalid";
        }
    }

    private static PublicKey key(Path file) throws Exception {
        try (InputStream stream = Files.newInputStream(file)) {
            return ((X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(stream))
                .getPublicKey();
        }
    }

    private static boolean verify(byte[] bytes, PublicKey key) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        Document document = factory.newDocumentBuilder().parse(new ByteArrayInputStream(bytes));
        NodeList signatures = document.getElementsByTagNameNS(XMLSignature.XMLNS, "Signature");
        DOMValidateContext context =
            new DOMValidateContext(KeySelector.singletonKeySelector(key), signatures.item(0));
        NodeList properties = document.getElementsByTagNameNS(XADES, "SignedProperties");
        for (int index = 0; index < properties.getLength(); index++) {
            context.setIdAttributeNS((Element) properties.item(index), null, "Id");
        }
        return XMLSignatureFactory.getInstance("DOM").unmarshalXMLSignature(context).validate(context);
    }

    private static double microseconds(byte[] document, PublicKey key) throws Exception {
        double[] times = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            long begin = System.nanoTime();
            for (int call = 0; call < CALLS; call++) {
                if (!verify(document, key)) {
                    throw new IllegalStateException("the seal does not hold");
                }
            }
            times[round] = (System.nanoTime() - begin) / 1e3 / CALLS;
        }
        Arrays.sort(times);
        return times[ROUNDS / 2];
    }
}
