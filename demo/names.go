package demo

import "strings"

// A country of generated users. Names and cities are separated by commas; a name that is not ASCII says
// after a colon how it is written in an e-mail address.
type country struct {
	name   string
	given  string
	family string
	cities string
}

// The lists have no family name in common, so that a full name and its address belong to one person.
// Family names that differ between men and women are left out.
var countries = []country{{
	name:   "Kenya",
	given:  "Amina,Barasa,Chebet,Daudi,Eshe,Faraji,Hasina,Imani,Jelani,Kamau,Makena,Njeri,Otieno,Wanjiru",
	family: "Kipchoge,Kimani,Mwangi,Ochieng,Odhiambo,Wambui,Kariuki,Mutua,Achieng,Njoroge,Rotich",
	cities: "Nairobi,Mombasa,Kisumu,Nakuru,Eldoret",
}, {
	name:   "Portugal",
	given:  "Ana,Beatriz,Catarina,Duarte,Eva,Francisco,Gonçalo:goncalo,Inês:ines,João:joao,Leonor,Mafalda,Nuno,Rita,Tomás:tomas",
	family: "Silva,Santos,Ferreira,Pereira,Oliveira,Carvalho,Almeida,Ribeiro,Simões:simoes,Magalhães:magalhaes,Brandão:brandao",
	cities: "Lisbon,Porto,Coimbra,Braga,Évora",
}, {
	name:   "India",
	given:  "Aarav,Bhavna,Chitra,Dev,Esha,Gauri,Harish,Indira,Jaya,Kabir,Lakshmi,Meera,Nikhil,Priya",
	family: "Sharma,Patel,Iyer,Reddy,Chatterjee,Nair,Gupta,Kulkarni,Mehta,Banerjee,Deshpande",
	cities: "Mumbai,Bengaluru,Chennai,Kolkata,Pune",
}, {
	name:   "Poland",
	given:  "Agnieszka,Bartosz,Celina,Dariusz,Elżbieta:elzbieta,Filip,Grażyna:grazyna,Hubert,Jadwiga,Kacper,Łukasz:lukasz,Małgorzata:malgorzata,Oliwia,Zofia",
	family: "Nowak,Wójcik:wojcik,Kowalczyk,Woźniak:wozniak,Mazur,Krawczyk,Zając:zajac,Wieczorek,Król:krol,Wróbel:wrobel,Pawlak",
	cities: "Warsaw,Kraków,Gdańsk,Wrocław,Poznań",
}, {
	name:   "Japan",
	given:  "Akari,Daiki,Emi,Fumiko,Haruto,Itsuki,Kaede,Makoto,Naoko,Ren,Sakura,Takumi,Yui,Yuto",
	family: "Sato,Suzuki,Takahashi,Tanaka,Watanabe,Ito,Yamamoto,Nakamura,Kobayashi,Kato,Yoshida",
	cities: "Tokyo,Osaka,Kyoto,Sapporo,Fukuoka",
}, {
	name:   "Mexico",
	given:  "Alejandra,Camila,Diego,Emiliano,Fernanda,Guadalupe,Héctor:hector,Itzel,Joaquín:joaquin,Lucía:lucia,Mateo,Renata,Sofía:sofia,Xóchitl:xochitl",
	family: "Hernández:hernandez,García:garcia,Martínez:martinez,López:lopez,González:gonzalez,Rodríguez:rodriguez,Sánchez:sanchez,Ramírez:ramirez,Cruz,Flores,Ortega",
	cities: "Guadalajara,Mérida,Oaxaca,Puebla,Monterrey",
}, {
	name:   "Germany",
	given:  "Anke,Benedikt,Clara,Dieter,Elif,Friederike,Götz:goetz,Hannah,Jürgen:juergen,Katharina,Lukas,Mareike,Sören:soeren,Ulrike",
	family: "Müller:mueller,Schmidt,Schneider,Fischer,Weber,Wagner,Becker,Schäfer:schaefer,Öztürk:oeztuerk,Krüger:krueger,Vogel",
	cities: "Berlin,Hamburg,München,Köln,Leipzig",
}, {
	name:   "Nigeria",
	given:  "Adaeze,Babatunde,Chidi,Damilola,Efe,Folake,Ifeoma,Kelechi,Ngozi,Obinna,Sade,Temitope,Uche,Yetunde",
	family: "Okafor,Adeyemi,Balogun,Eze,Nwosu,Okonkwo,Adebayo,Ogunleye,Abubakar,Danjuma,Onyekachi",
	cities: "Lagos,Abuja,Ibadan,Kano,Enugu",
}, {
	name:   "Brazil",
	given:  "Aline,Bruno,Cauã:caua,Débora:debora,Enzo,Flávia:flavia,Gabriela,Heitor,Iara,Júlia:julia,Larissa,Murilo,Raíssa:raissa,Thiago",
	family: "Souza,Lima,Gomes,Rocha,Barbosa,Cardoso,Teixeira,Moreira,Araújo:araujo,Nascimento,Cavalcanti",
	cities: "São Paulo,Recife,Salvador,Curitiba,Manaus",
}, {
	name:   "Türkiye",
	given:  "Ayşe:ayse,Berk,Ceren,Deniz,Emre,Fatma,Gökhan:gokhan,Hande,İpek:ipek,Kerem,Leyla,Mehmet,Özge:ozge,Selin",
	family: "Yılmaz:yilmaz,Kaya,Demir,Çelik:celik,Şahin:sahin,Yıldız:yildiz,Aydın:aydin,Arslan,Doğan:dogan,Koç:koc,Polat",
	cities: "Istanbul,Ankara,Izmir,Bursa,Antalya",
}, {
	name:   "Vietnam",
	given:  "An,Bình:binh,Châu:chau,Đức:duc,Giang,Hương:huong,Khánh:khanh,Linh,Minh,Ngọc:ngoc,Phúc:phuc,Quỳnh:quynh,Thảo:thao,Việt:viet",
	family: "Nguyễn:nguyen,Trần:tran,Lê:le,Phạm:pham,Hoàng:hoang,Vũ:vu,Đặng:dang,Bùi:bui,Đỗ:do,Hồ:ho,Dương:duong",
	cities: "Hà Nội,Huế,Đà Nẵng,Cần Thơ,Đà Lạt",
}, {
	name:   "Ireland",
	given:  "Aoife,Brendan,Ciara,Declan,Eimear,Fionn,Gráinne:grainne,Killian,Maeve,Niamh,Oisín:oisin,Róisín:roisin,Saoirse,Tadhg",
	family: "Murphy,O’Brien:obrien,Kelly,Byrne,Ryan,O’Connor:oconnor,Walsh,Doyle,McCarthy,Gallagher,Kennedy",
	cities: "Dublin,Cork,Galway,Limerick,Waterford",
}, {
	name:   "Canada",
	given:  "Aiyana,Benoît:benoit,Chloé:chloe,Dakota,Étienne:etienne,Geneviève:genevieve,Harper,Isaac,Joséphine:josephine,Liam,Maxime,Noémie:noemie,Olivier,Rowan",
	family: "Tremblay,Gagnon,Campbell,Bouchard,MacDonald,Côté:cote,Fraser,Pelletier,Singh,Lévesque:levesque,Sinclair",
	cities: "Toronto,Montréal,Vancouver,Halifax,Iqaluit",
}, {
	name:   "Morocco",
	given:  "Aïcha:aicha,Bilal,Dounia,Fatima,Ghita,Hamza,Imane,Jamal,Khadija,Lahcen,Mounir,Nadia,Salma,Youssef",
	family: "Benali,El Amrani:elamrani,Bennani,Alaoui,Tazi,Idrissi,Chraibi,Berrada,El Fassi:elfassi,Ziani,Lahlou",
	cities: "Casablanca,Rabat,Fès,Marrakesh,Agadir",
}}

// spelled splits one entry of a list into how it is written and how an e-mail address writes it.
func spelled(entry string) (name, ascii string) {
	if name, ascii, found := strings.Cut(entry, ":"); found {
		return name, ascii
	}
	return entry, strings.ToLower(entry)
}
